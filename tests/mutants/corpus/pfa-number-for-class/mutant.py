from typing import Any

import main

original = main.pfa_document


def pfa_document(*job: Any) -> dict[str, Any]:
    document = original(*job)
    if not main.is_nominal(job[3]):
        return document
    *before, last = document["action"]
    codes = main.codes_of(job[3])
    action = [
        *before,
        {"let": {"code": last}},
        {"a.index": [{"type": {"type": "array", "items": "string"}, "value": codes}, "code"]},
    ]
    return {**document, "output": "int", "action": action}


main.pfa_document = pfa_document

main.run()
