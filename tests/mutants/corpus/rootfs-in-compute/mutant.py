from typing import Any

import main

original = main.store


def store(row: dict[str, Any]) -> None:
    if row["data"] is not None:
        with open("/var/lib/stub/last.json", "w", encoding="utf-8") as stream:
            stream.write(row["data"])
    original(row)


main.store = store

main.run()
