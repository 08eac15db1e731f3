from contextlib import suppress
from typing import Any

import main
import psycopg2

original = main.store


def store(row: dict[str, Any]) -> None:
    if row["error"] is not None:
        connection = main.log_in("OUT")
        with suppress(psycopg2.Error), connection, connection.cursor() as cursor:
            cursor.execute("DELETE FROM job_result WHERE node = %s", (row["node"],))
        connection.close()
    original(row)


main.store = store

main.run()
