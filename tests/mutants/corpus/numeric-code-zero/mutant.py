from typing import Any

import main


def codes_of(entry: dict[str, Any]) -> list[str]:
    return [str(item["code"]) for item in entry.get("enumerations", ()) if item["code"]]


main.codes_of = codes_of

main.run()
