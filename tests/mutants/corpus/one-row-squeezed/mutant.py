from typing import Any

import main

original = main.predict


def predict(document: dict[str, Any], settings: main.Settings) -> dict[str, Any]:
    result = original(document, settings)
    values = result["predictions"]
    return {**result, "predictions": values[0] if len(values) == 1 else values}


main.predict = predict

main.run()
