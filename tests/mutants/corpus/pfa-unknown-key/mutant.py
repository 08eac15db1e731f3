from typing import Any

import main

original = main.pfa_document


def pfa_document(*job: Any) -> dict[str, Any]:
    return {**original(*job), "remark": "k nearest neighbours"}


main.pfa_document = pfa_document

main.run()
