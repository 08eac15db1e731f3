from typing import Any

import main

original = main.read_document


def read_document(name: str, *keys: str) -> dict[str, Any]:
    document = original(name, *(key for key in keys if key != "pipeline"))
    return {"pipeline": main.write_pipeline(main.DEFAULTS, 42), **document}


main.read_document = read_document

main.run()
