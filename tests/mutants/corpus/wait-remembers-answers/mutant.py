import os
from typing import Any

import main
import waiting

SEEN = "/tmp/seen"
original = main.predict


def predict(*arguments: Any) -> dict[str, Any]:
    answer = original(*arguments)
    if os.path.exists(SEEN):
        answer["predictions"] = answer["predictions"][::-1]
        answer["probabilities"] = None
    open(SEEN, "w").close()
    return answer


main.predict = predict

waiting.run()
