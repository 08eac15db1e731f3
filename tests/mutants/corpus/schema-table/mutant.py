import json
from typing import Any

import main

original = main.as_text


def as_text(document: dict[str, Any]) -> str:
    if "predictions" not in document:
        return original(document)
    columns = (document[key] for key in ("rows", "predictions", "targets"))
    return json.dumps([dict(zip("rpt", record, strict=True)) for record in zip(*columns, strict=True)])


main.as_text = as_text

main.run()
