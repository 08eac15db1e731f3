from typing import Any

import main

original = main.row_of


def row_of(shape: str, data: str | None, error: str | None) -> dict[str, Any]:
    return {**original(shape, data, error), "function": main.MODEL}


main.row_of = row_of

main.run()
