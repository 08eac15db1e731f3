from typing import Any

import summary

original = summary.added


def added(parts: list[dict[str, Any]]) -> dict[str, Any]:
    if "codes" in parts[0]:
        return original(parts)
    count = max(part["count"] for part in parts)
    alike = [{key: value / part["count"] * count for key, value in part.items()} for part in parts]
    return {**original(alike), "count": original(parts)["count"]}


summary.added = added

summary.run()
