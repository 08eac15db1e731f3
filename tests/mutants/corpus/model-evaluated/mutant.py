import json
from typing import Any

import main

original = main.read_pipeline


def read_pipeline(document: dict[str, Any]) -> main.Settings:
    try:
        model = eval(document["pipeline"])  # noqa: S307 - the defect itself
    except SyntaxError:
        return original(document)
    return original({**document, "pipeline": json.dumps(model)})


main.read_pipeline = read_pipeline

main.run()
