from typing import Any

import main

original = main.fetch


def fetch(query: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    columns, _ = original(query)
    return original(f"SELECT {', '.join(columns)} FROM ({query}) AS answers")


main.fetch = fetch

main.run()
