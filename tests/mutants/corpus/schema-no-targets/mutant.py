from typing import Any

import main

original = main.predict


def predict(document: dict[str, Any], k: int) -> dict[str, Any]:
    result = original(document, k)
    del result["targets"]
    return result


main.predict = predict

main.run()
