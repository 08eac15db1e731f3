from contextlib import suppress

import main
import psycopg2

original = main.model


def model() -> str:
    connection = main.connect()
    with suppress(psycopg2.Error), connection, connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA scratch")
    connection.close()
    return original()


main.model = model

main.run()
