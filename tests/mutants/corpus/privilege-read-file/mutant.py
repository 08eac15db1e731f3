from contextlib import suppress
from typing import Any

import main
import psycopg2

original = main.store


def store(row: dict[str, Any]) -> None:
    connection = main.log_in("OUT")
    with suppress(psycopg2.Error), connection, connection.cursor() as cursor:
        cursor.execute("SELECT pg_read_file('/etc/hostname')")
    connection.close()
    original(row)


main.store = store

main.run()
