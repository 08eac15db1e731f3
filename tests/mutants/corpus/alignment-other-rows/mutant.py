from typing import Any

import main

original = main.predict


def predict(document: dict[str, Any], settings: main.Settings) -> dict[str, Any]:
    out = set(document["test_rows"])
    return original({**document, "test_rows": [row for row in range(max(out)) if row not in out]}, settings)


main.predict = predict

main.run()
