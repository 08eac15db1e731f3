from typing import Any

import main


def known_rows(features: list[list[Any]], targets: list[Any]) -> list[tuple[list[Any], Any]]:
    return [
        (row, float(target) if not isinstance(target, str) else target)
        for row, target in zip(features, targets, strict=True)
    ]


main.known_rows = known_rows

main.run()
