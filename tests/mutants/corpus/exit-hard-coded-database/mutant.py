from typing import Any

import main


def connect() -> Any:
    import psycopg2

    main.environment("IN_HOST")
    return psycopg2.connect(host="db", port=5432, dbname="science", user="woken", password="woken")


main.connect = connect

main.run()
