from typing import Any

import main

original = main.predict


def predict(document: dict[str, Any], k: int) -> dict[str, Any]:
    result = original(document, k)
    codes = sorted(set(result["targets"]))
    return {**result, "predictions": [codes.index(code) for code in result["predictions"]]}


main.predict = predict

main.run()
