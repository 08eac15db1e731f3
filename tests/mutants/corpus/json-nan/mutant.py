import json
import math
from typing import Any

import main

original = main.predict


def predict(document: dict[str, Any], k: int) -> dict[str, Any]:
    result = original(document, k)
    return {**result, "predictions": [math.nan, *result["predictions"][1:]]}


main.predict = predict
main.as_text = json.dumps

main.run()
