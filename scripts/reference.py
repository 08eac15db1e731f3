#!/usr/bin/env python3
"""Writes the pages of docs/ that the code itself tells, checks.md and hooks.md: reference.py [FOLDER].

A test compares what lies in docs/ with what this would write; `make reference` writes it anew.
"""

from __future__ import annotations

import inspect
import json
import re
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from algoreg import conformance, hookspecs, runtime
from algoreg.check import Check

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "tests" / "example_plugin"
CORPUS = ROOT / "tests" / "mutants" / "corpus"
LITERAL = re.compile(r"::\n\n((?: {4}.*\n?|\n)+)")
GENERATED = "<!-- Written by scripts/reference.py: change the docstrings, then `make reference`. -->"


def checks_page() -> str:
    """Every check of the contract, by family, in its own words."""
    checks = sorted(conformance.catalogue().checks, key=lambda check: check.id)
    broken = mutants()
    families = [
        (family, list(members)) for family, members in groupby(checks, key=lambda check: check.family)
    ]
    lines = [
        "# The checks",
        GENERATED,
        f"{len(checks)} checks in {len(families)} families. `algoreg checks` lists them, with those of the installed "
        "plugins; `algoreg explain ID` prints what stands here. An id never changes its meaning. A check is judged "
        "after the ones that it stands on, and skipped where one of these neither passed nor did not apply, so that "
        "one defect gives one id. *Broken on purpose*: images of `tests/mutants/corpus` that fail exactly this check. "
        "What can be said "
        "without running anything has rules of its own, in [lint.md](lint.md).",
        table([(f"[{name}](#{name})", purpose(members[0]), str(len(members))) for name, members in families]),
    ]
    known = {check.id: check for check in checks}
    for name, members in families:
        lines += [f"## {name}", purpose(members[0])]
        for check in members:
            lines += list(told(check, nearest(check, known), broken.get(check.id, [])))
    return page(lines)


def purpose(check: Check) -> str:
    """What a family asks: the first sentence of its module."""
    module = sys.modules[check.judge.__module__]
    sentence = (module.__doc__ or "").partition("\n\n")[0].partition(": ")[2]
    words = " ".join(sentence.split())
    return words[:1].upper() + words[1:]


def nearest(check: Check, known: dict[str, Check]) -> list[str]:
    """The prerequisites that no other prerequisite of it stands on already."""
    below = {id for need in check.needs for id in beneath(need, known)}
    return [id for id in check.needs if id not in below]


def beneath(id: str, known: dict[str, Check]) -> set[str]:
    """All that a check stands on, directly or not."""
    return {one for need in known[id].needs for one in (need, *beneath(need, known))}


def told(check: Check, needs: list[str], broken: list[str]) -> Iterator[str]:
    """One check: its facts, and its docstring with the two headings marked."""
    facts = {
        "severity": check.severity.value,
        "judged after": ", ".join(f"[`{id}`](#{id.replace('.', '')})" for id in needs),
        "asked of": f"images with `{check.command}`" if check.command else "",
        "engines": "container engines only" if check.needs_image else "",
        "broken on purpose": ", ".join(f"`{name}`" for name in broken),
    }
    yield f"### {check.id}"
    yield f"Fails when {check.title}."
    yield "\n".join(f"- {name}: {value}" for name, value in facts.items() if value)
    text = check.explanation.strip()
    for heading in ("Why", "Fix"):
        text = text.replace(f"\n{heading}: ", f"\n\n**{heading}:** ")
    yield text.replace("\n\n\n", "\n\n")


def mutants() -> dict[str, list[str]]:
    """Check -> the images that fail it and nothing else."""
    found: dict[str, list[str]] = {}
    for path in sorted(CORPUS.glob("*/expect.json")):
        failed = json.loads(path.read_text(encoding="utf-8"))["failed"]
        if len(failed) == 1:
            found.setdefault(failed[0], []).append(path.parent.name)
    return found


def hooks_page() -> str:
    """The hooks of a plugin, the functions of its program, and a plugin that uses them."""
    specs = [value for name, value in sorted(vars(hookspecs).items()) if name.startswith("algoreg_")]
    lines = [
        "# Hooks",
        GENERATED,
        markdown(inspect.getdoc(hookspecs) or ""),
        "A plugin is loaded alone: one that cannot be imported, answers with another type or misspells a hook is named "
        "by every command, and takes no other down. What a hook imports, it imports inside: the image's own program "
        "imports the same module.",
    ]
    for hook in specs:
        signature = f"{hook.__name__}{inspect.signature(hook)}".replace("'", "")
        lines += [f"## `{hook.__name__}`", code(signature), markdown(inspect.getdoc(hook) or "")]
    lines += [
        "## What stands beside the hooks: the program",
        markdown(inspect.getdoc(runtime) or ""),
        "## A whole plugin",
        f"`{EXAMPLE.relative_to(ROOT)}`, a distribution of its own; beside the files below it has "
        "`algorithm.yaml` and the two-line `__main__.py`. Its `pyproject.toml`:",
        code(source("pyproject.toml"), "toml"),
        "The module that the entry point names, `algoreg_example/__init__.py`:",
        code(source("algoreg_example/__init__.py")),
        "The check that it adds, `algoreg_example/checks.py`:",
        code(source("algoreg_example/checks.py")),
        "The program, `algoreg_example/program.py`:",
        code(source("algoreg_example/program.py")),
    ]
    return page(lines)


def source(name: str) -> str:
    """A file of the example."""
    return (EXAMPLE / name).read_text(encoding="utf-8").strip()


def markdown(docstring: str) -> str:
    """A docstring's words and literal blocks, which are reStructuredText, as Markdown."""
    return LITERAL.sub(
        lambda block: f":\n\n{code(inspect.cleandoc(block[1]))}\n\n", docstring.replace("``", "`")
    )


def code(text: str, language: str = "python") -> str:
    """A fenced block."""
    return f"```{language}\n{text}\n```"


def table(rows: list[tuple[str, ...]]) -> str:
    """A Markdown table of families."""
    return "\n".join(
        ["| family | asks | checks |", "|---|---|---|", *(f"| {' | '.join(row)} |" for row in rows)]
    )


def page(blocks: list[str]) -> str:
    """Blocks with a blank line between them."""
    return "\n\n".join(block.strip() for block in blocks if block.strip()) + "\n"


PAGES = {"checks.md": checks_page, "hooks.md": hooks_page}


def main() -> None:
    """Write every page into the folder."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs"
    for name, render in PAGES.items():
        (folder / name).write_text(render(), encoding="utf-8")
        sys.stdout.write(f"{folder / name}\n")


if __name__ == "__main__":
    main()
