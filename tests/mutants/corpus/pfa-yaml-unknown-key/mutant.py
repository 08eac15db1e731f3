import json
from typing import Any

import main


def as_yaml(value: Any, indent: str = "") -> str:
    """One key or item to a line; what is no object and no list as JSON, which YAML reads, too."""
    if isinstance(value, dict) and value:
        lines = (f"{indent}{json.dumps(k)}:\n{as_yaml(v, indent + '  ')}" for k, v in value.items())
    elif isinstance(value, list) and value:
        lines = (f"{indent}-\n{as_yaml(item, indent + '  ')}" for item in value)
    else:
        return indent + json.dumps(value, ensure_ascii=False, allow_nan=False)
    return "\n".join(lines)


main.pfa_text, main.SHAPE = (
    lambda document: as_yaml({**document, "remark": "k nearest neighbours"}),
    "pfa_yaml",
)

main.run()
