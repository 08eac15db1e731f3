from typing import Any

import main

original = main.pfa_document


def pfa_document(*job: Any) -> dict[str, Any]:
    document = original(*job)
    merge = {"+": ["tallyOne", "tallyTwo"]}
    return {**document, "method": "fold", "zero": 0.0, "merge": merge}


main.pfa_document = pfa_document

main.run()
