"""The meta family: what can be said of an image without starting it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from algoreg import contract, metadata, strictjson
from algoreg.check import Check, check
from algoreg.engines.protocol import ImageInfo
from algoreg.probe import Probe
from algoreg.report import Finding, Outcome, Severity, passed, skipped

_FORBIDDEN_WORKDIRS = ("/proc", "/sys", "/dev")


def _failed(message: str, *, expected: str, got: str) -> Finding:
    return Finding(outcome=Outcome.FAIL, message=message, expected=expected, got=got)


def _image(probe: Probe) -> ImageInfo:
    image = probe.candidate.image
    if image is None:
        raise AssertionError("asked of a target that is no image")
    return image


@check("meta.labels", "the metadata label is absent, not JSON, or too large", needs_image=True)
def labels(probe: Probe) -> Iterator[Finding]:
    """The image carries its metadata as compact JSON in the label io.algoreg.metadata, at most 256 KiB.

    Why: The label is all that Woken's operators have of an image that they did not build.
    Fix: Build it with algoreg build, or add LABEL io.algoreg.metadata; to try an image without a label, name the
    metadata with --metadata FILE.
    """
    candidate = probe.candidate
    if candidate.given:
        yield skipped("judged with the metadata of --metadata")
    elif candidate.unreadable is not None and not candidate.unreadable.unfit:
        yield _failed(
            "the metadata label cannot be read",
            expected="strict JSON of at most 256 KiB",
            got=candidate.unreadable.message,
        )
    elif candidate.document is None and candidate.unreadable is None:
        yield _failed(
            "the image carries no metadata",
            expected=f"a label {contract.METADATA_LABEL}",
            got="no such label",
        )
    else:
        yield passed()


@check("meta.schema", "the metadata break the schema or a consistency rule", needs=("meta.labels",))
def schema(probe: Probe) -> Iterator[Finding]:
    """The metadata keep metadata_schema/algorithm.schema.json and the consistency rules of contract section 1.

    Why: Woken's configuration is written from them; what they say wrongly, Woken does wrongly.
    Fix: Mend the key that the message names in algorithm.yaml, and build again.
    """
    candidate = probe.candidate
    if candidate.unreadable is not None:
        yield _failed("the metadata cannot be read", expected="plain YAML", got=candidate.unreadable.message)
        return
    if candidate.document is None:
        raise AssertionError("meta.labels passed without metadata")
    problems = metadata.problems(candidate.document)
    for problem in problems:
        yield Finding(
            outcome=Outcome.FAIL,
            message=f"{problem.path}: {problem.message}",
            expected=f"metadata that keep the rule {problem.rule}",
            got=_place(problem, candidate.document.origin),
            fix=problem.fix,
        )
    if not problems:
        yield passed()


def _place(problem: metadata.Problem, origin: str) -> str:
    where = f"{origin}:{problem.line}" if problem.line is not None else origin
    return f"{where}: {problem.path}"


@check("meta.version", "the tag is not the declared version", needs=("meta.schema",), needs_image=True)
def version(probe: Probe) -> Iterator[Finding]:
    """The image's tag equals version in its metadata, and is not latest. Not asked of a digest or an image id.

    Why: Woken pins image and version; a tag that moves runs another algorithm under the old name.
    Fix: Tag the image with the version of algorithm.yaml, and raise the version with every change.
    """
    reference = probe.candidate.reference
    declared = probe.algorithm.version
    if reference is None or reference.repository is None or reference.digest is not None:
        yield skipped("named by digest or id, which no tag can contradict")
    elif reference.tag != declared:
        yield _failed(
            "the tag and the declared version disagree",
            expected=f"{reference.repository}:{declared}",
            got=f"the tag {reference.tag}" if reference.tag else "no tag",
        )
    else:
        yield passed()


@check("meta.match", "the installed plugin says something else", needs=("meta.schema",), needs_image=True)
def match(probe: Probe) -> Iterator[Finding]:
    """An installed plugin of the same code and image repository carries the same document as the image.

    Why: Woken's configuration is exported from the plugin, and the image runs: they must not drift apart.
    Fix: Build the image from the plugin that is installed, or install the plugin that the image was built from.
    """
    candidate, algorithm = probe.candidate, probe.algorithm
    for entry in candidate.installed:
        declared = entry.algorithm
        if (declared.code, declared.image) != (algorithm.code, algorithm.image):
            continue
        ours, theirs = dict(declared.document), dict(algorithm.document)
        if strictjson.equal(ours, theirs):
            yield passed(None, f"as in the plugin of {entry.folder.name}")
            return
        keys = sorted(k for k in {*ours, *theirs} if not strictjson.equal(ours.get(k), theirs.get(k)))
        yield _failed(
            "the installed plugin and the image carry different metadata",
            expected=f"the document of the plugin {entry.folder.name}",
            got=f"differences in {', '.join(keys)}",
        )
        return
    yield skipped(f"no installed plugin declares {algorithm.code} with the image {algorithm.image}")


@check("meta.arch", "the platform is not the engine's", needs=("meta.schema",), needs_image=True)
def arch(probe: Probe) -> Iterator[Finding]:
    """The image is built for the operating system and processor that it will run on.

    Why: A foreign image starts nowhere, or a hundred times slower under emulation.
    Fix: Build with --platform, or push an image for every platform.
    """
    image, platform = _image(probe), probe.engine.platform
    if platform is None or (image.os, image.architecture) == platform:
        yield passed()
    else:
        yield _failed(
            "the image is for another platform",
            expected="/".join(platform),
            got=f"{image.os}/{image.architecture}",
        )


@check("meta.entrypoint", "it has neither ENTRYPOINT nor CMD", needs=("meta.schema",), needs_image=True)
def entrypoint(probe: Probe) -> Iterator[Finding]:
    """The image says what to start.

    Why: Chronos passes the command as an argument; without an entrypoint it would be looked up as a program.
    Fix: Add ENTRYPOINT in its exec form to the Dockerfile.
    """
    image = _image(probe)
    if image.entrypoint or image.cmd:
        yield passed()
    else:
        yield _failed(
            "the image does not say what to start",
            expected="an ENTRYPOINT",
            got="it has neither ENTRYPOINT nor CMD",
        )


@check("meta.workdir", "its WORKDIR is under /proc, /sys or /dev", needs=("meta.schema",), needs_image=True)
def workdir(probe: Probe) -> Iterator[Finding]:
    """The working directory is an ordinary one. An image that breaks this is never started.

    Why: A working directory such as /proc/self/fd/8 has led out of a container (CVE-2024-21626).
    Fix: Choose an ordinary WORKDIR.
    """
    parts = [part for part in _image(probe).workdir.split("/") if part not in ("", ".")]
    inside = f"/{parts[0]}" if parts else "/"
    if inside in _FORBIDDEN_WORKDIRS or ".." in parts:
        yield _failed(
            "the working directory is one of the kernel's",
            expected="an ordinary directory",
            got=_image(probe).workdir,
        )
    else:
        yield passed()


def _is_root(probe: Probe, user: str) -> bool:
    name = user.partition(":")[0].strip()
    if re.fullmatch(r"[+-]?[0-9]+", name):
        return int(name) == 0
    return name in ("", "root") or probe.engine.user_name_is_root(probe.subject, name)


@check("meta.root", "it runs as root", needs=("meta.schema",), severity=Severity.WARNING, needs_image=True)
def root(probe: Probe) -> Iterator[Finding]:
    """The image's USER is not uid 0, under whatever name.

    Why: Root in a container is one kernel bug away from root on the hospital's machine.
    Fix: Add USER 10001 to the Dockerfile; the volume is writable for everyone.
    """
    user = _image(probe).user
    if _is_root(probe, user):
        yield _failed("it runs as root", expected="a USER other than uid 0", got=f"USER {user or 'not set'}")
    else:
        yield passed()


@check(
    "meta.oci",
    "labels that say where it comes from are missing",
    needs=("meta.schema",),
    severity=Severity.WARNING,
    needs_image=True,
)
def oci(probe: Probe) -> Iterator[Finding]:
    """The labels org.opencontainers.image.title, version, source, revision and licenses are there and not empty.

    Why: When an image misbehaves, someone must find the commit that it was built from.
    Fix: Build it with algoreg build, or set the labels; with ARG, since $VERSION without it is empty.
    """
    found = _image(probe).labels
    missing = [name for name in contract.OCI_LABELS if not found.get(name, "").strip()]
    if missing:
        yield _failed(
            "labels are missing or empty",
            expected=", ".join(contract.OCI_LABELS),
            got=f"missing: {', '.join(missing)}",
        )
    else:
        yield passed()


CHECKS: tuple[Check, ...] = (arch, entrypoint, labels, match, oci, root, schema, version, workdir)
