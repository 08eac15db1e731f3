from typing import Any

import main

original = main.nearest
original_document = main.pfa_document


def nearest(
    settings: main.Settings, row: list[Any], known: list[tuple[list[Any], Any]], scale: list[float]
) -> list[Any]:
    return original(settings._replace(k=len(known)), row, known, scale)


def pfa_document(
    settings: main.Settings,
    entries: dict[str, dict[str, Any]],
    known: list[tuple[list[Any], Any]],
    variable: dict[str, Any],
) -> dict[str, Any]:
    return original_document(settings._replace(k=len(known)), entries, known, variable)


main.nearest = nearest
main.pfa_document = pfa_document

main.run()
