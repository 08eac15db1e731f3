from typing import Any

import summary

original = summary.part


def part() -> dict[str, dict[str, Any]]:
    _, rows = summary.columns_of()
    return {name: {**column, "rows": rows} for name, column in original().items()}


def added(parts: list[dict[str, Any]]) -> dict[str, Any]:
    return original_added([{key: value for key, value in part.items() if key != "rows"} for part in parts])


def lines(name: str, column: dict[str, Any]) -> list[dict[str, Any]]:
    return original_lines(name, {key: value for key, value in column.items() if key != "rows"})


original_added, original_lines = summary.added, summary.lines
summary.part, summary.added, summary.lines = part, added, lines

summary.run()
