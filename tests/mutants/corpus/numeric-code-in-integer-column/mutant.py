from typing import Any

import main

original = main.convert


def convert(value: Any, column: str, entry: dict[str, Any]) -> float | str | None:
    if main.is_nominal(entry) and value not in main.codes_of(entry):
        raise main.Trouble(f"the column {column} holds an unknown code")
    return original(value, column, entry)


main.convert = convert

main.run()
