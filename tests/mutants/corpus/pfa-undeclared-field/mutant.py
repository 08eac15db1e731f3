from typing import Any

import main

original = main.pfa_document


def pfa_document(*job: Any) -> dict[str, Any]:
    document = original(*job)
    return {**document, "action": [{"let": {"age": "input.age_of_nobody"}}, *document["action"]]}


main.pfa_document = pfa_document

main.run()
