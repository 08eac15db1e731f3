from typing import Any

import main

original = main.store


def store(row: dict[str, Any]) -> None:
    original(row)
    if row["data"] is not None:
        original({**row, "result_name": "again"})


main.store = store

main.run()
