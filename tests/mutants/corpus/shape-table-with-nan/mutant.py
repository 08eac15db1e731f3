from typing import Any

import summary

original = summary.lines


def lines(name: str, column: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**line, "mean": line.get("mean", "NaN")} for line in original(name, column)]


summary.lines = lines

summary.run()
