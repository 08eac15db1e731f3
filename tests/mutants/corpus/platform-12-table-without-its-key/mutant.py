from typing import Any

import summary

original = summary.table


def table(columns: summary.Part) -> dict[str, Any]:
    result = original(columns)
    return {**result, "schema": {**result["schema"], "primaryKey": "id"}}


summary.table = table

summary.run()
