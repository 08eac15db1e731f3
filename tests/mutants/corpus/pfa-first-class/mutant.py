from typing import Any

import main

original = main.pfa_document


def pfa_document(*job: Any) -> dict[str, Any]:
    document = original(*job)
    if not main.is_nominal(job[3]):
        return document
    return {**document, "action": [[main.codes_of(job[3])[0]]]}


main.pfa_document = pfa_document

main.run()
