from typing import Any

import main

original = main.predict


def predict(document: dict[str, Any], k: int) -> dict[str, Any]:
    result = original(document, k)
    values = result["predictions"]
    return {**result, "predictions": values[0] if len(values) == 1 else values}


main.predict = predict

main.run()
