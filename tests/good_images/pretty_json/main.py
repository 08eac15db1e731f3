"""The program with JSON for people, the text of the pipeline too."""

import json
import sys

from ridge import Ridge


class Pretty(Ridge):
    def dump(self, document: dict) -> str:
        return json.dumps(document, allow_nan=False, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


sys.exit(Pretty().main(sys.argv[1:]))
