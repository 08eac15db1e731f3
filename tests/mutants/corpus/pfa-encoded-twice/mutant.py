import json
from typing import Any

import main

original = main.pfa_text


def pfa_text(document: dict[str, Any]) -> str:
    return json.dumps(original(document))


main.pfa_text = pfa_text

main.run()
