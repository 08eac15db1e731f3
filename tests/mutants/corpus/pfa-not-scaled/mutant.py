from typing import Any

import main

original = main.pfa_document


def pfa_document(*job: Any) -> dict[str, Any]:
    settings, *others = job
    return original(settings._replace(scale=False), *others)


main.pfa_document = pfa_document

main.run()
