from typing import Any

import main

original = main.predict


def predict(document: dict[str, Any], settings: main.Settings) -> dict[str, Any]:
    result = original(document, settings)
    _, features, variable, _ = main.read_table(document)
    sums = [
        sum(value for value in features[row] if not isinstance(value, str)) for row in document["test_rows"]
    ]
    codes = main.codes_of(variable)
    guesses = [codes[int(total) % len(codes)] if codes else total for total in sums]
    return {**result, "predictions": guesses, "probabilities": None}


main.predict = predict

main.run()
