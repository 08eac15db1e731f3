from typing import Any

import main

original = main.pfa_document


def pfa_document(*job: Any) -> dict[str, Any]:
    document = original(*job)
    rows = document["cells"]["known"]["init"]
    rows[0] = {**rows[0], "y": f"{rows[0]['y']} mg"}
    return document


main.pfa_document = pfa_document

main.run()
