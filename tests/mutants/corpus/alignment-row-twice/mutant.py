from typing import Any

import main

original = main.predict


def predict(document: dict[str, Any], k: int) -> dict[str, Any]:
    result = original(document, k)
    return {key: values and [values[0], values[0], *values[2:]] for key, values in result.items()}


main.predict = predict

main.run()
