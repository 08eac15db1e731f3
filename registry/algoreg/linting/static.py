"""Asks the contract's own checks about an image that nothing runs: those that need its configuration only.

The functions are those of ``checks``, on the same facts; only the probe that they ask has no engine behind it. What
it cannot tell is named and not judged.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Never

from algoreg import conformance
from algoreg.candidate import Candidate
from algoreg.check import Check
from algoreg.checks import meta, sec
from algoreg.conformance import Examination, Selection
from algoreg.databases.protocol import DatabaseServer
from algoreg.engines.protocol import Engine, ImageInfo, Laboratory, Pod, Subject
from algoreg.errors import EngineError
from algoreg.model import Resources
from algoreg.pfa import Answer, Question
from algoreg.probe import Probe
from algoreg.report import CheckResult, EngineInfo, Outcome, Severity, skipped

STATIC: tuple[Check, ...] = tuple(
    check for check in conformance.catalogue().checks if check in meta.CHECKS or check is sec.baked_env
)
"""What ``validate`` judges before it starts anything."""
_NONE = EngineInfo(name="none", version=None)
RootName = Callable[[str], bool | None]
"""A user's name -> whether the image's /etc/passwd makes it uid 0; None where nobody can look."""


@dataclass(frozen=True, kw_only=True)
class StillImage:
    """Implements ``engines.protocol.Subject``: facts, and no engine that knows them."""

    target: str
    image: ImageInfo | None


class NoLaboratory:
    """Static checks run nothing; one that does is none."""

    @property
    def databases(self) -> DatabaseServer:
        self._refuse()

    def places(self, resources: Resources) -> int:
        self._refuse()

    def pod(self, resources: Resources) -> AbstractContextManager[Pod]:
        self._refuse()

    def evaluate(self, question: Question) -> Answer:
        self._refuse()

    def _refuse(self) -> Never:
        raise EngineError("a lint runs nothing")


@dataclass(frozen=True, kw_only=True)
class NoEngine:
    """Implements ``engines.protocol.Engine`` as far as static checks ask it."""

    root_name: RootName = lambda _: None
    info: EngineInfo = _NONE
    platform: tuple[str, str] | None = None

    def laboratory(self, subject: Subject) -> AbstractContextManager[Laboratory]:
        """None."""
        raise EngineError("a lint runs nothing")

    def user_name_is_root(self, subject: Subject, name: str) -> bool:
        """By the image's files, where they are at hand; who cannot look is not asked."""
        return bool(self.root_name(name))

    def cancel(self) -> None:
        """Nothing runs."""


class Silent:
    """Nobody watches: it takes a moment."""

    def case_started(self, case: str) -> None: ...

    def case_ended(self, case: str) -> None: ...

    def check_ended(self, check: str, outcome: str) -> None: ...


def judge(candidate: Candidate, *, subject: Subject, engine: Engine) -> tuple[CheckResult, ...]:
    """The static checks of a candidate, by id; one that this engine cannot answer is a SKIP that says why."""
    unanswerable = _unanswerable(candidate, engine)
    checks = tuple(check for check in STATIC if check.id not in unanswerable)
    examination = Examination(checks=checks, selection=Selection(), fail_on=Severity.ERROR)
    report = conformance.examine(_probe(candidate, subject, engine), examination)
    return tuple(sorted((*report.checks, *unanswerable.values()), key=lambda result: result.id))


def is_root(user: str) -> bool:
    """Whether meta.root would blame a USER, whatever a name in it may mean in an image."""
    info = ImageInfo(
        id="",
        digest=None,
        os="",
        architecture="",
        entrypoint=(),
        cmd=(),
        user=user,
        workdir="",
        environment={},
        labels={},
    )
    still = StillImage(target="", image=info)
    candidate = Candidate(target="", reference=None, image=info, document=None)
    findings = meta.root.judge(_probe(candidate, still, NoEngine()))
    return any(finding.outcome is Outcome.FAIL for finding in findings)


def _probe(candidate: Candidate, subject: Subject, engine: Engine) -> Probe:
    return Probe(
        candidate=candidate,
        subject=subject,
        engine=engine,
        laboratory=NoLaboratory(),
        seed=0,
        jobs=1,
        timeout_s=None,
        progress=Silent(),
    )


def _unanswerable(candidate: Candidate, engine: Engine) -> dict[str, CheckResult]:
    """What these facts cannot tell: it must not look as if it had passed."""
    reasons: dict[str, str] = {}
    image = candidate.image
    if image is None:
        return {}
    if engine.platform is None:
        reasons[meta.arch.id] = (
            f"it is for {image.os}/{image.architecture}; without an engine nobody says where it will run"
        )
    name = image.user.partition(":")[0].strip()
    if isinstance(engine, NoEngine) and _is_name(name) and engine.root_name(name) is None:
        reasons[meta.root.id] = f"only the image's own /etc/passwd says who {name[:60]!r} is"
    return {
        check.id: CheckResult(
            id=check.id,
            severity=check.severity,
            findings=(skipped(reasons[check.id]),),
            title=check.title,
            why=check.why,
        )
        for check in meta.CHECKS
        if check.id in reasons
    }


def _is_name(user: str) -> bool:
    return user not in ("", "root") and not user.lstrip("+-").isdecimal()


def of_metadata(results: tuple[CheckResult, ...]) -> tuple[CheckResult, ...]:
    """Only the checks that ask nothing of an image, for a target that is none."""
    asked = {check.id for check in STATIC if not check.needs_image}
    return tuple(result for result in results if result.id in asked)
