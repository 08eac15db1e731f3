import statistics
from typing import Any

import main

original = main.predict


def predict(document: dict[str, Any], settings: main.Settings) -> dict[str, Any]:
    result = original(document, settings)
    main.say(f"spread of the rows: {statistics.stdev(document['test_rows'])}")
    return result


main.predict = predict

main.run()
