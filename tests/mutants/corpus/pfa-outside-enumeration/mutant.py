from typing import Any

import main

original = main.pfa_document


def pfa_document(*job: Any) -> dict[str, Any]:
    document = original(*job)
    if not main.is_nominal(job[3]):
        return document
    *before, last = document["action"]
    unsure = {
        "if": {"==": ["code", [main.codes_of(job[3])[0]]]},
        "then": {"string": "unsure"},
        "else": "code",
    }
    return {**document, "action": [*before, {"let": {"code": last}}, unsure]}


main.pfa_document = pfa_document

main.run()
