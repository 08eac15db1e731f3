import re
from typing import Any

import main

original = main.read_pipeline


def read_pipeline(document: dict[str, Any]) -> int:
    text = document["pipeline"]
    if not text.startswith("{"):
        return original(document)
    found = re.search(r'"k": (\d+)', text)
    return int(found[1]) if found else main.K_DEFAULT


main.read_pipeline = read_pipeline

main.run()
