import unicodedata
from typing import Any

import main

original = main.decide


def decide(neighbours: list[Any], variable: dict[str, Any]) -> float | str:
    answer = original(neighbours, variable)
    return unicodedata.normalize("NFKD", answer) if isinstance(answer, str) else answer


main.decide = decide

main.run()
