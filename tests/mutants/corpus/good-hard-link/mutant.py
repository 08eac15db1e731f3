import os
from typing import Any

import main

original = main.write_document


def write_document(name: str, document: dict[str, Any]) -> None:
    original(name, document)
    os.makedirs(f"{main.VOLUME}/archive", exist_ok=True)
    copy = f"{main.VOLUME}/archive/{name}"
    if os.path.exists(copy):
        os.unlink(copy)
    os.link(f"{main.VOLUME}/{name}", copy)


main.write_document = write_document

main.run()
