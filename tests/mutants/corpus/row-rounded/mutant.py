from typing import Any

import main

original = main.read_table


def read_table(document: dict[str, Any]) -> Any:
    table = original(document)
    for features in table[1][:3]:
        main.say(", ".join(value if isinstance(value, str) else f"{value:.5g}" for value in features))
    return table


main.read_table = read_table

main.run()
