from typing import Any

import main

original = main.read_question


def read_question() -> Any:
    question = original()
    if None in question[3]:
        raise main.Trouble("the variable holds NULL")
    return question


main.read_question = read_question

main.run()
