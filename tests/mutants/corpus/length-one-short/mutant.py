from typing import Any

import main

original = main.predict


def predict(document: dict[str, Any], settings: main.Settings) -> dict[str, Any]:
    result = original(document, settings)
    return {**result, "predictions": result["predictions"][:-1]}


main.predict = predict

main.run()
