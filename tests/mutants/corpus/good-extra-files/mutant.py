import json
import os
from typing import Any

import main

original = main.write_document


def write_document(name: str, document: dict[str, Any]) -> None:
    os.makedirs(f"{main.VOLUME}/notes/deep", exist_ok=True)
    with open(f"{main.VOLUME}/notes/deep/{name}.txt", "w", encoding="utf-8") as stream:
        stream.write("écrit")
    original(name, document)


def as_text(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=4, sort_keys=True) + "\n"


main.write_document = write_document
main.as_text = as_text

main.run()
