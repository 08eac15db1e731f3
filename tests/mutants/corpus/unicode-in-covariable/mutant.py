import sys
from typing import Any

import main

sys.stdout.reconfigure(encoding="ascii")
original = main.read_table


def read_table(document: dict[str, Any]) -> Any:
    entries, features, variable, targets = original(document)
    sys.stdout.write(f"{[main.codes_of(entry) for entry in entries]}\n")
    return entries, features, variable, targets


main.read_table = read_table

main.run()
