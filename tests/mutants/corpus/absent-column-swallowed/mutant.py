from typing import Any

import main

original = main.read_table


def read_table(document: dict[str, Any]) -> Any:
    try:
        return original(document)
    except main.Trouble as trouble:
        if "column" in str(trouble) and "does not exist" in str(trouble):
            return [], [], {}, []
        raise


main.read_table = read_table

main.run()
