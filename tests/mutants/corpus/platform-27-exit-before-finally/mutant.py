import json
from typing import Any

import main

original = main.store


def store(row: dict[str, Any]) -> None:
    if row["error"] is None:
        original(row)
        original({**row, "shape": "visjs", "data": f"draw({json.dumps(main.MODEL)})"})


main.store = store

main.run()
