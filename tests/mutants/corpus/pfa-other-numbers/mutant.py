from typing import Any

import main

original = main.pfa_document


def pfa_document(*job: Any) -> dict[str, Any]:
    document = original(*job)
    *before, last = document["action"]
    return {**document, "action": [*before, {"*": [last, 1.000001]}]}


main.pfa_document = pfa_document

main.run()
