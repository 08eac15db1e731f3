from typing import Any

import main

original = main.write_document


def write_document(name: str, document: dict[str, Any]) -> None:
    if name != "predictions.json":
        original(name, document)
        return
    numbers = [f"{value:.4f}" for value in document["predictions"]]
    with open(f"{main.VOLUME}/{name}", "w", encoding="utf-8") as stream:
        stream.write(f"[{' '.join(numbers[:3])} ... {' '.join(numbers[-3:])}]")


main.write_document = write_document

main.run()
