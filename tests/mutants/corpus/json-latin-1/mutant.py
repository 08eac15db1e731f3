from typing import Any

import main


def write_document(name: str, document: dict[str, Any]) -> None:
    text = main.as_text({**document, "médecin": "Ménière"})
    with open(f"{main.VOLUME}/{name}", "w", encoding="latin-1") as stream:
        stream.write(text)


main.write_document = write_document

main.run()
