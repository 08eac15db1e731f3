from typing import Any

import main

original = main.pfa_document


def pfa_document(*job: Any) -> dict[str, Any]:
    document = original(*job)
    name = next(name for name, entry in job[1].items() if not main.is_nominal(entry))
    values = sorted(row[list(job[1]).index(name)] for row, _ in job[2])
    refuse = {"if": {">": [f"input.{name}", values[len(values) // 2]]}, "then": {"error": "out of range"}}
    return {**document, "action": [refuse, *document["action"]]}


main.pfa_document = pfa_document

main.run()
