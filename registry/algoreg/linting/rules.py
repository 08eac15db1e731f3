"""What a lint can say beyond the checks of the contract: each rule with why it matters and how to mend it.

The checks' ids stay theirs; these are of other families, and no validation judges them.
"""

from __future__ import annotations

from dataclasses import dataclass

from algoreg.report import Severity


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One thing that can be wrong with a recipe."""

    id: str
    """``family.name``; never changes its meaning."""
    title: str
    severity: Severity
    why: str
    """What becomes of it in Woken."""
    fix: str


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where something stands; lines and columns are counted from 1."""

    file: str
    line: int | None = None
    column: int | None = None

    @property
    def text(self) -> str:
        """The place as compilers write it."""
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)


@dataclass(frozen=True, kw_only=True)
class Remark:
    """A rule that is broken. Every text may quote a file: it is untrusted."""

    rule: Rule
    place: Place
    message: str
    expected: str
    got: str


def _rule(id: str, title: str, why: str, fix: str, severity: Severity = Severity.ERROR) -> Rule:
    return Rule(id=id, title=title, severity=severity, why=why, fix=fix)


NO_FROM = _rule(
    "dockerfile.no-from",
    "there is no parent image",
    "No build makes an image of it.",
    "Begin with FROM IMAGE:TAG.",
)
UNKNOWN_INSTRUCTION = _rule(
    "dockerfile.unknown-instruction",
    "an instruction that Docker does not have",
    "The build refuses it.",
    "Correct the first word of the line; where it continues the line before, that one needs a backslash at its end.",
)
UNREADABLE = _rule(
    "dockerfile.unreadable",
    "a line is not understood",
    "What is not understood is not judged, and the build may refuse it.",
    "Look at the quotes, brackets and line ends of this line and the one before.",
    Severity.WARNING,
)
BROKEN_JSON = _rule(
    "dockerfile.broken-json",
    "brackets that are no JSON",
    "Docker takes what is no JSON for a shell command, and starts a program whose name begins with a bracket.",
    'Write a JSON array with double quotes: ENTRYPOINT ["python", "/main.py"].',
)
UNTAGGED_PARENT = _rule(
    "dockerfile.untagged-parent",
    "a parent without a tag, or latest",
    "The same commit builds another image next month: what was validated is not what is built.",
    "Name a version, as in FROM python:3.12-slim-bookworm, or a digest.",
)
LABEL_WITHOUT_ARG = _rule(
    "dockerfile.label-without-arg",
    "a label from a variable that the stage does not declare",
    "Docker puts nothing there: the image does not say which commit and version it is.",
    "Write ARG NAME in the same stage, after its FROM; one before FROM counts only for FROM.",
)
LABEL_FROM_PARENT = _rule(
    "dockerfile.label-from-parent",
    "a label from a variable that only the parent can give",
    "Where the parent does not set it, Docker puts nothing there; where it does, the label says what is the parent's.",
    "Write ARG NAME or ENV NAME=value in the same stage; let it be where the parent sets the variable.",
    Severity.WARNING,
)
IMAGE_NAME = _rule(
    "dockerfile.image-name",
    "it calls itself by another image's name",
    "Results and operators then name an image that did not make them.",
    "Write the repository of algorithm.yaml there, or leave it out: the caller sets DOCKER_IMAGE.",
)
ROOT = _rule(
    "dockerfile.root",
    "it runs as root",
    "Root in a container is one kernel bug away from root on the hospital's machine.",
    "Add USER 10001 after the last RUN that needs root; the volume is writable for everyone.",
    Severity.WARNING,
)
SECRET = _rule(
    "dockerfile.secret",
    "a credential in the recipe",
    "Whoever may pull the image has it: layers and their history keep what later lines remove.",
    "Take it out, change what it gave away; for the build use RUN --mount=type=secret.",
)
COPY_ABSENT = _rule(
    "dockerfile.copy-absent",
    "it copies what is not there",
    "The image cannot be built.",
    "Correct the path, which counts from the build's context, or add the file.",
)
COMMAND = _rule(
    "dockerfile.command",
    "CMD is a command that the metadata do not declare",
    "Started without a command, the image is asked for what it does not know.",
    "Declare the command in entrypoints, or write CMD [].",
    Severity.WARNING,
)
NO_ENTRYPOINT = _rule(
    "dockerfile.no-entrypoint",
    "no ENTRYPOINT of its own",
    "The entrypoint of a language's image is its interpreter or nothing: train would be looked up as a program.",
    'Write ENTRYPOINT ["python", "/main.py"] in the last stage.',
    Severity.WARNING,
)
NO_ARGUMENTS = _rule(
    "entrypoint.no-arguments",
    "the command does not reach the program",
    "Woken says train, test or compute as an argument; a shell that does not pass it on does always the same.",
    'Use the exec form, ENTRYPOINT ["python", "/main.py"]; in shell form: exec python /main.py "$0" "$@".',
)
NO_EXEC = _rule(
    "entrypoint.no-exec",
    "a shell stays before the program",
    "Signals end the shell and not the program, and the exit code is what the shell makes of it.",
    "Use the exec form, or begin the last command with exec.",
    Severity.WARNING,
)
EXIT_CODE_LOST = _rule(
    "entrypoint.exit-code-lost",
    "the program's exit code is lost",
    "Woken takes a failed job for a successful one, and waits for a result that nobody wrote.",
    'End with exec PROGRAM "$@"; else begin with set -e (bash: set -eo pipefail), without || true.',
)
UNPINNED = _rule(
    "requirements.unpinned",
    "a requirement without a version",
    "The same commit builds another image next month, with libraries that nobody tried.",
    "Write name==version, or add constraints: pip install -r requirements.txt -c constraints.txt.",
    Severity.WARNING,
)
REQUIREMENTS_UNREADABLE = _rule(
    "requirements.unreadable",
    "a line that pip does not understand",
    "The image cannot be built.",
    "Write one requirement a line, as in numpy==2.1.0.",
)
PROGRAM_ABSENT = _rule(
    "plugin.program-absent",
    "no program and no Dockerfile",
    "algoreg build has nothing to put into the image.",
    "Write __main__.py beside algorithm.yaml, or bring a Dockerfile.",
)

RULES: tuple[Rule, ...] = tuple(
    sorted((value for value in list(globals().values()) if isinstance(value, Rule)), key=lambda rule: rule.id)
)
