from typing import Any

import main

original = main.predict


def predict(document: dict[str, Any], settings: main.Settings) -> dict[str, Any]:
    result = original(document, settings)
    return {key: values and [values[0], values[0], *values[2:]] for key, values in result.items()}


main.predict = predict

main.run()
