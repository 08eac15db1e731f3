from typing import Any

import main

original = main.pfa_text


def pfa_text(document: dict[str, Any]) -> str:
    return original(document).replace('\\"', '"')


main.pfa_text = pfa_text

main.run()
