"""What a Python program says, read as a syntax tree: it is never imported, and nothing of it runs."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from algoreg import contract
from algoreg.adoption import programs, variables
from algoreg.adoption.evidence import About, Clue, Evidence, Trap
from algoreg.linting.context import Source
from algoreg.linting.rules import Place

_ENVIRONMENT = ("os.environ.get", "environ.get", "os.getenv", "getenv")
_HELPERS = frozenset(("get_param", "get_parameter", "fetch_parameter"))
_PARSERS = frozenset(("argparse", "click", "docopt", "typer", "optparse", "getopt"))
_EVALUATED = frozenset(("pickle", "jsonpickle", "dill", "cloudpickle"))
_TASKS = {"Classifier": contract.CLASSIFICATION, "Regressor": contract.REGRESSION}


@dataclass(frozen=True, kw_only=True)
class _Module:
    """A file, with the texts that its names stand for."""

    file: str
    texts: Mapping[str, str]

    def place(self, node: ast.AST) -> Place:
        return Place(file=self.file, line=getattr(node, "lineno", None))

    def text(self, node: ast.AST | None) -> str | None:
        """A constant, or a name of the module that stands for a text."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str | int | float):
            return str(node.value).lower() if isinstance(node.value, bool) else str(node.value)
        return self.texts.get(node.id) if isinstance(node, ast.Name) else None


def of_python(source: Source) -> Iterator[Evidence]:
    """Variables, parameters with their defaults, shapes, modes, estimators."""
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(source.content)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        yield Trap(
            id="adopt.unread-file",
            place=Place(file=source.name),
            message="it is not read: this Python cannot parse it",
            advice="Python 2 is gone: port the file, and look for its parameters by hand.",
        )
        return
    module = _Module(file=source.name, texts=dict(_texts(tree)))
    found = [one for node in ast.walk(tree) for one in _of_node(node, module)]
    yield from sorted(found, key=lambda one: one.place.line or 0)


def _texts(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        ):
            yield from ((one.id, node.value.value) for one in node.targets if isinstance(one, ast.Name))


def _of_node(node: ast.AST, module: _Module) -> Iterator[Evidence]:
    if isinstance(node, ast.Call):
        yield from _of_call(node, module)
    elif isinstance(node, ast.Subscript):
        yield from _of_subscript(node, module)
    elif isinstance(node, ast.Attribute):
        yield from _of_attribute(node, module)
    elif isinstance(node, ast.Import | ast.ImportFrom):
        yield from _of_import(node, module)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        if node.value in contract.MODES:
            place = module.place(node)
            yield Clue(about=About.MODE, value=node.value, place=place, how=f'names "{node.value}"')
        yield from programs.of_volume(node.value, module.place(node))


def _of_call(node: ast.Call, module: _Module) -> Iterator[Evidence]:
    name, place = _dotted(node.func), module.place(node)
    last = name.rpartition(".")[2]
    known = [text for one in node.args if (text := module.text(one)) is not None]
    if name in _ENVIRONMENT and known:
        yield from variables.read(known[0], known[1] if len(known) > 1 else None, place)
    elif (last in _HELPERS and known) or (last == "get" and "param" in name and known):
        yield _parameter(known[0], known[1] if len(known) > 1 else None, place)
    elif last == "add_argument":
        yield from _of_argument(known, place)
    elif last.endswith(tuple(_TASKS)):
        for one in (keyword.arg for keyword in node.keywords if keyword.arg):
            yield Clue(about=About.KEYWORD, value=f"{last}.{one}", place=place, how=f"{last}({one}=...)")
    elif last == "save_results":
        for text in known:
            yield from programs.shape(text, place, f'save_results with "{text}"')


def _of_argument(names: list[str], place: Place) -> Iterator[Evidence]:
    if "--job-id" in names and "--job-ids" not in names:
        yield Trap(
            id="adopt.job-id-singular",
            place=place,
            message="it declares --job-id; callers write --job-ids A B",
            advice='Declare "--job-ids" with nargs="+".',
        )
    for command in (one for one in names if one in contract.WORKING_COMMANDS):
        yield Clue(about=About.COMMAND, value=command, place=place, how=f"takes the command {command}")


def _of_subscript(node: ast.Subscript, module: _Module) -> Iterator[Evidence]:
    name, key = _dotted(node.value), module.text(node.slice)
    if key is not None and name in ("os.environ", "environ"):
        yield from variables.read(key, None, module.place(node))
    elif key is not None and name.endswith(("parameters", "params")) and isinstance(node.ctx, ast.Load):
        yield _parameter(key, None, module.place(node))


def _parameter(code: str, default: str | None, place: Place) -> Clue:
    return Clue(
        about=About.PARAMETER, value=code, default=default, place=place, how=f"reads the parameter {code}"
    )


def _of_attribute(node: ast.Attribute, module: _Module) -> Iterator[Evidence]:
    owner, place = _dotted(node.value), module.place(node)
    if owner.rpartition(".")[2] == "Shapes":
        yield from programs.shape(node.attr, place, f"Shapes.{node.attr}")
    elif owner == "sys" and node.attr == "argv":
        yield Clue(about=About.ARGUMENTS, value=module.file, place=place, how="sys.argv")


def _of_import(node: ast.Import | ast.ImportFrom, module: _Module) -> Iterator[Evidence]:
    origin = node.module or "" if isinstance(node, ast.ImportFrom) else ""
    tops = {origin.partition(".")[0]} if origin else {one.name.partition(".")[0] for one in node.names}
    place = module.place(node)
    if tops & _PARSERS:
        yield Clue(
            about=About.ARGUMENTS, value=module.file, place=place, how=f"imports {min(tops & _PARSERS)}"
        )
    if tops & _EVALUATED:
        yield Trap(
            id="adopt.evaluated-text",
            place=place,
            message=f"it imports {min(tops & _EVALUATED)}: to read such a text is to run what it says",
            advice="Keep a model as plain JSON of numbers and names (algoreg explain out.pipeline-text).",
        )
    for one in node.names if (origin + ".").startswith("sklearn.") else ():
        yield Clue(
            about=About.ESTIMATOR, value=f"{origin}.{one.name}", place=place, how=f"imports {one.name}"
        )
        for end, task in _TASKS.items():
            if one.name.endswith(end):
                yield Clue(about=About.TASK, value=task, place=place, how=f"imports {one.name}")


def _dotted(node: ast.AST) -> str:
    """``a.b.c`` of an expression of names; a part that is none is left out."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join((*([node.id] if isinstance(node, ast.Name) else []), *reversed(parts)))
