from typing import Any

import main

original = main.predict


def predict(document: dict[str, Any], k: int) -> dict[str, Any]:
    out = set(document["test_rows"])
    return original({**document, "test_rows": [row for row in range(max(out)) if row not in out]}, k)


main.predict = predict

main.run()
