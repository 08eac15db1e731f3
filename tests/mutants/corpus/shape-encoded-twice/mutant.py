from typing import Any

import summary

original = summary.text


def text(document: Any) -> str:
    return original(original(document))


summary.text = text

summary.run()
