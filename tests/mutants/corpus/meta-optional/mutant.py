import os
from typing import Any

import main

original = main.read_table


def read_table(document: dict[str, Any]) -> Any:
    return original(document) if "PARAM_meta" in os.environ else ([], [], {}, [])


main.read_table = read_table

main.run()
