from typing import Any

import main


def known_rows(features: list[list[Any]], targets: list[Any]) -> list[tuple[list[Any], Any]]:
    return list(zip(features, targets, strict=True))


main.known_rows = known_rows

main.run()
