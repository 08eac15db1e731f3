from typing import Any

import main

original = main.read_table


def read_table(document: dict[str, Any]) -> Any:
    entries, features, variable, targets = original(document)
    for code in (code for entry in entries for code in main.codes_of(entry)):
        main.ask(f"SELECT '{code}'::text")
    return entries, features, variable, targets


main.read_table = read_table

main.run()
