import random
from typing import Any

import main

random_numbers = random.Random()
original = main.decide


def decide(neighbours: list[Any], variable: dict[str, Any]) -> float | str:
    answer = original(neighbours, variable)
    return answer if isinstance(answer, str) else answer + random_numbers.gauss(0, 1)


main.decide = decide

main.run()
