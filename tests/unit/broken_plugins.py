"""Plugins that are wrong in exactly one way, written to a folder as an installer would leave them."""

import shutil
from pathlib import Path

from good_metadata import GOOD

BUILT_IN = ("knn", "linreg", "tpot")
"""The codes of the distribution's own plugins."""

HOOK = """\
from pathlib import Path
from algoreg import hookimpl

@hookimpl
def algoreg_algorithms():
    return [Path(__file__).with_name("{name}.yaml")]
"""

SOURCES = {
    "raises ImportError": "import a_module_that_is_not_there",
    "raises": "raise RuntimeError('first line\\nsecond line')",
    "leaves with success": "import sys; sys.exit(0)",
    "is no Python": "def def",
    "misspells the hook": HOOK.replace("algoreg_algorithms", "algoreg_algorithm"),
    "names another hook": HOOK.replace("@hookimpl", "@hookimpl(specname='algoreg_engines')"),
    "forgets the mark": HOOK.replace("@hookimpl\n", ""),
    "has no hook": "x = 1",
    "wants an argument": HOOK.replace("algorithms()", "algorithms(engine)"),
    "raises in the hook": HOOK.replace("return", "raise KeyError('boom') #"),
    "leaves in the hook": HOOK.replace("return", "raise SystemExit(0) #"),
    "returns None": HOOK.replace("return", "_ ="),
    "returns text": HOOK.replace("[Path(__file__)", "[str(__file__)] #"),
    "returns one path": HOOK.replace("[Path(__file__)", "Path(__file__) #"),
    "yields": HOOK.replace("return", "yield"),
    "names an absent file": HOOK.replace("{name}.yaml", "absent.yaml"),
    "names a folder": HOOK.replace('.with_name("{name}.yaml")', ".parent"),
    "returns checks that are none": HOOK + "\n@hookimpl\ndef algoreg_checks():\n    return [print]\n",
}
"""What the module does -> its source; ``{name}`` stands for the module's name."""

REASONS = {
    "raises ImportError": "a_module_that_is_not_there",
    "raises": "RuntimeError: first line second line",
    "leaves with success": "SystemExit",
    "is no Python": "SyntaxError",
    "misspells the hook": "algoreg_algorithm is no hook of algoreg; did you mean algoreg_algorithms?",
    "names another hook": "algoreg_engines is no hook",
    "forgets the mark": "algoreg_algorithms is not marked with @algoreg.hookimpl",
    "has no hook": "implements no hook",
    "wants an argument": "engine",
    "raises in the hook": "boom",
    "leaves in the hook": "SystemExit",
    "returns None": "must return a list of Path, got NoneType",
    "returns text": "must return a list of Path",
    "returns one path": "must return a list of Path",
    "yields": "must return a list of Path, got generator",
    "names an absent file": "is no file",
    "names a folder": "is no file",
    "returns checks that are none": "must return a list of Check",
}
"""What the module does -> part of the reason that a person reads."""


def install(
    folder: Path,
    name: str,
    *,
    source: str = HOOK,
    document: str = GOOD,
    distribution: str | None = None,
    entry: str | None = None,
    version: str = "1.0",
) -> None:
    """Leave a module, its metadata document and the records of its distribution in ``folder``."""
    (folder / f"{name}.py").write_text(source.replace("{name}", name))
    (folder / f"{name}.yaml").write_text(document)
    records = folder / f"{(distribution or name).replace('-', '_')}-{version}.dist-info"
    shutil.rmtree(records, ignore_errors=True)
    records.mkdir()
    (records / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {distribution or name}\nVersion: {version}\n"
    )
    (records / "entry_points.txt").write_text(f"[algoreg]\n{entry or name} = {name}\n")


def document(code: str) -> str:
    """A right document with another code."""
    return GOOD.replace("code: knn", f"code: {code}", 1)
