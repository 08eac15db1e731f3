from typing import Any

import main


def pfa_text(document: dict[str, Any]) -> str:
    return str(document)


main.pfa_text = pfa_text

main.run()
