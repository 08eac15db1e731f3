from typing import Any

import main

original = main.predict


def predict(document: dict[str, Any], settings: main.Settings) -> dict[str, Any]:
    result = original(document, settings)
    _, _, variable, _ = main.read_table(document)
    sent = {str(item["code"]): item["code"] for item in variable.get("enumerations", ())}
    return {**result, "predictions": [sent.get(value, value) for value in result["predictions"]]}


main.predict = predict

main.run()
