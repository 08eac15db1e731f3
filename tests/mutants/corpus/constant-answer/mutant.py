from typing import Any

import main


def nearest(k: int, row: list[Any], known: list[tuple[list[Any], Any]], scale: list[float]) -> list[Any]:
    return [target for _, target in known]


main.nearest = nearest

main.run()
