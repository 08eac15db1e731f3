"""The exception tree: why algoreg could not do what it was asked, and what to do next.

An image that breaks the contract is never an exception (it is a ``Finding``, see ``report``). An exception
means that nothing can be concluded, or that the request itself was wrong::

    AlgoregError               exit 3   could not judge, could not do
    ├── UsageError             exit 2   the command line, a file or an option is wrong
    │   └── MetadataError      exit 2   algorithm.yaml or a label is wrong; carries its problems
    ├── EngineError            exit 3   the container engine is absent, refuses, breaks, or dies
    │   ├── EngineUnavailable  exit 3   no engine answers
    │   └── ImageNotFound      exit 3   the image is neither local nor pullable
    ├── DatabaseError          exit 3   the experiment's PostgreSQL cannot be had
    ├── SchedulerError         exit 3   the scheduler that jobs are submitted to cannot do what it was asked
    │   ├── SchedulerUnavailable exit 3 it does not answer, or not in a way that can be understood
    │   └── SchedulerRefused   exit 3   it refuses a job; nothing of it is there
    ├── PluginError            exit 3   an installed plugin is broken
    └── Cancelled              exit 130 the person or the system asked to stop (143 for SIGTERM, 129 for SIGHUP)
"""

from __future__ import annotations

from typing import ClassVar

EXIT_PASS = 0
EXIT_FAIL = 1
EXIT_USAGE = 2
EXIT_ERROR = 3
EXIT_SIGHUP = 129
EXIT_SIGINT = 130
EXIT_SIGTERM = 143


class AlgoregError(Exception):
    """Base of all: a one-line message, an exit code, and a hint that says what to do next."""

    exit_code: ClassVar[int] = EXIT_ERROR
    default_hint: ClassVar[str] = ""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = self.default_hint if hint is None else hint


class UsageError(AlgoregError):
    """The request is wrong: an option, a file, a name."""

    exit_code = EXIT_USAGE


class MetadataError(UsageError):
    """A metadata document breaks the schema or a consistency rule.

    ``problems`` holds one readable line per defect, each naming file, line or JSON path, rule and fix.
    """

    def __init__(
        self, message: str, *, problems: tuple[str, ...] = (), unfit: bool = False, hint: str | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.problems = problems
        self.unfit = unfit
        """The text could be read; a value in it is one that no reader can be trusted with."""


class EngineError(AlgoregError):
    """The container engine failed; nothing may be concluded about the image."""

    default_hint = "Try again; if it lasts, look at the engine's own log (journalctl -u docker)."


class EngineUnavailable(EngineError):
    """No engine answers where one was looked for."""

    default_hint = (
        'Start Docker, or set DOCKER_HOST (in a checkout: eval "$(scripts/engine.sh env)"). Plugins run without one '
        "where a command has --engine process."
    )


class ImageNotFound(EngineError):
    """The image is neither in the engine nor pullable."""

    default_hint = (
        "Check the name, build it (algoreg build CODE), or pull it by hand to see the registry's answer."
    )


class DatabaseError(AlgoregError):
    """The science or results database of an experiment cannot be had."""

    default_hint = "Name a PostgreSQL image with --database-image, or run `make engine` in the checkout."


class SchedulerError(AlgoregError):
    """The scheduler cannot do what it was asked, or lost a job; nothing may be concluded about the image."""

    default_hint = "Look at the scheduler's own page, and at its log."


class SchedulerUnavailable(SchedulerError):
    """The scheduler does not answer, or not in a way that can be understood; asking again may help."""

    default_hint = (
        "Name Chronos' own address with --chronos, such as http://chronos:4400, and see that it runs."
    )


class SchedulerRefused(SchedulerError):
    """The scheduler refuses a job; nothing of it is there."""


class PluginError(AlgoregError):
    """An installed plugin cannot be used."""

    default_hint = "Upgrade or uninstall the distribution that is named."


class Cancelled(AlgoregError):
    """Work was stopped on request; everything that was started is being removed."""

    exit_code = EXIT_SIGINT
