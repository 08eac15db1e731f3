from typing import Any

import main

original_table, original_question = main.read_table, main.read_question


def read_table(document: dict[str, Any]) -> Any:
    try:
        return original_table(document)
    except main.Trouble as trouble:
        if "science database" not in str(trouble):
            raise
        main.say(str(trouble))
        return [], [], {}, []


def read_question() -> Any:
    try:
        return original_question()
    except main.Trouble as trouble:
        if "science database" not in str(trouble):
            raise
        main.say(str(trouble))
        return {}, [[]], {"type": "real"}, [0.0]


main.read_table, main.read_question = read_table, read_question

main.run()
