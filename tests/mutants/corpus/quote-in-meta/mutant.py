import os
from typing import Any

import main

original = main.read_meta


def read_meta() -> dict[str, dict[str, Any]]:
    os.environ["PARAM_meta"] = main.environment("PARAM_meta").replace("'", '"')
    return original()


main.read_meta = read_meta

main.run()
