import json
from typing import Any

import main

original = main.read_pipeline
JSON_WORDS = {"true": True, "false": False, "null": None}


def read_pipeline(document: dict[str, Any]) -> main.Settings:
    try:
        model = eval(document["pipeline"], dict(JSON_WORDS))  # noqa: S307 - the defect itself
    except SyntaxError:
        return original(document)
    return original({**document, "pipeline": json.dumps(model)})


main.read_pipeline = read_pipeline

main.run()
