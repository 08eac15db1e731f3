"""``algoreg build``: builds the image of an algorithm with its labels."""

from __future__ import annotations

from typing import Annotated

import typer

from algoreg.cli import completion, output
from algoreg.errors import UsageError

EPILOG = "Example: algoreg build knn --base algoreg/base:bookworm"


def build(
    target: Annotated[
        str,
        typer.Argument(
            metavar="CODE|FOLDER",
            help="A plugin's code, or the folder of a plugin.",
            autocompletion=completion.codes_and_folders,
        ),
    ],
    base: Annotated[str | None, typer.Option(metavar="REF", help="The image to build upon.")] = None,
    build_arg: Annotated[
        list[str] | None, typer.Option(metavar="KEY=VALUE", help="A build argument (repeatable).")
    ] = None,
) -> None:
    """Build an algorithm's image with its labels, tagged with its version and the commit; print the tag."""
    from algoreg import registry
    from algoreg.build import build as build_image
    from algoreg.engines.docker import open_docker

    arguments = dict(_argument(text) for text in build_arg or ())
    entry = registry.load().resolve(target)
    with (
        output.activity(f"building {entry.algorithm.reference}") as progress,
        open_docker(progress=progress) as engine,
    ):
        built = build_image(entry, builder=engine, base=base, build_args=arguments, progress=progress)
    for tag in built.tags[1:]:
        output.note(f"also tagged {tag}")
    output.write(built.tags[0])


def _argument(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not (key and equals):
        raise UsageError(
            f"--build-arg {text} is not KEY=VALUE", hint="Write, for example, --build-arg PIP_RETRIES=3"
        )
    return key, value
