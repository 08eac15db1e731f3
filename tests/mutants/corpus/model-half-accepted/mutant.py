import re
from typing import Any

import main

original = main.read_pipeline


def read_pipeline(document: dict[str, Any]) -> main.Settings:
    try:
        return original(document)
    except main.Trouble:
        text = document["pipeline"]
        if not text.startswith("{"):
            raise
    found = re.search(r'"k": (\d+)', text)
    return main.DEFAULTS._replace(k=int(found[1])) if found else main.DEFAULTS


main.read_pipeline = read_pipeline

main.run()
