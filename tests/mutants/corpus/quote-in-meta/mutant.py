import os
from typing import Any

import main

original = main.read_meta


def read_meta() -> dict[str, dict[str, Any]]:
    mended = main.environment("PARAM_meta").replace("'", '"')
    os.environ.update(PARAM_meta=mended)
    return original()


main.read_meta = read_meta

main.run()
