import statistics
from typing import Any

import main

original = main.predict


def predict(document: dict[str, Any], k: int) -> dict[str, Any]:
    result = original(document, k)
    main.say(f"spread of the rows: {statistics.stdev(document['test_rows'])}")
    return result


main.predict = predict

main.run()
