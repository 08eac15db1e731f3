from contextlib import suppress
from typing import Any

import main
import psycopg2

original = main.fetch


def fetch(query: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    connection = main.connect()
    with suppress(psycopg2.Error), connection, connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {query.partition(' FROM ')[2].split()[0]} SET {main.environment('PARAM_variables')} = 0"
        )
    connection.close()
    return original(query)


main.fetch = fetch

main.run()
