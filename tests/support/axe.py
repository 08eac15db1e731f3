"""axe in an open page: what it finds that keeps people with a screen reader, a keyboard or weak eyes out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from support.chromium import Page

PROGRAM = Path(__file__).parents[2] / "build" / "axe" / "node_modules" / "axe-core" / "axe.min.js"
"""Where scripts/browser.sh puts it."""
MISSING = f"axe is not in {PROGRAM.parent}: scripts/browser.sh fetches it with npm"

_RUN = """
axe.run(document, {resultTypes: ["violations"]}).then(found => JSON.stringify({
  rules: found.passes.length,
  violations: found.violations.map(one => ({id: one.id, impact: one.impact, help: one.help,
    nodes: one.nodes.map(node => node.html.slice(0, 200))})),
}))
"""


def violations(page: Page) -> list[dict[str, Any]]:
    """Every violation in the open page, of any impact."""
    page.call("Runtime.evaluate", expression=PROGRAM.read_text(encoding="utf-8"))
    answer = page.call("Runtime.evaluate", expression=_RUN, awaitPromise=True, returnByValue=True)
    assert "exceptionDetails" not in answer, answer["exceptionDetails"]
    found = json.loads(answer["result"]["value"])
    assert found["rules"] > 10, "axe has judged nearly nothing"
    return list(found["violations"])
