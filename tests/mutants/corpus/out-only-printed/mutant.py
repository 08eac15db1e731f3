from typing import Any

import main

original = main.write_document


def write_document(name: str, document: dict[str, Any]) -> None:
    if name == "predictions.json":
        main.say(main.as_text(document["predictions"]))
    else:
        original(name, document)


main.write_document = write_document

main.run()
