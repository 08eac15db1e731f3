from typing import Any

import main

original = main.write_document


def write_document(name: str, document: dict[str, Any]) -> None:
    main.VOLUME = "/tmp"
    original(name, document)


main.write_document = write_document

main.run()
