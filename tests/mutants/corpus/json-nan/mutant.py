import json
import math
from typing import Any

import main

original = main.predict


def predict(document: dict[str, Any], settings: main.Settings) -> dict[str, Any]:
    result = original(document, settings)
    return {**result, "predictions": [math.nan, *result["predictions"][1:]]}


main.predict = predict
main.as_text = json.dumps

main.run()
