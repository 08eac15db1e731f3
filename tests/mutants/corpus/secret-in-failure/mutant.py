import os
from typing import Any

import main
import psycopg2

original = main.fetch


def fetch(query: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    try:
        return original(query)
    except psycopg2.ProgrammingError:
        given = {name: os.environ[f"IN_{name}"] for name in ("USER", "PASSWORD", "HOST", "PORT", "DATABASE")}
        main.say("failed: postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{DATABASE}".format(**given))
        raise


main.fetch = fetch

main.run()
