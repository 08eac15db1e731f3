from typing import Any

import main

original = main.read_table


def read_table(document: dict[str, Any]) -> Any:
    table = original(document)
    for number, row in enumerate(table[1][:5]):
        cells = (value if isinstance(value, str) else f"{value:.6f}" for value in row)
        main.say("  ".join([f"{number:<3}", *(f"{cell:>12}" for cell in cells)]))
    return table


main.read_table = read_table

main.run()
