"""The sec family: what must stay secret does, in the image and in all that it writes."""

from __future__ import annotations

from collections.abc import Iterator

from algoreg import credentials
from algoreg.check import Check, check
from algoreg.checks import shown
from algoreg.checks.order import LATE
from algoreg.exposure import Kind
from algoreg.probe import Probe
from algoreg.report import Finding, Outcome, passed


@check("sec.secret-leak", "a password appears in logs, files or rows", needs=LATE)
def secret_leak(probe: Probe) -> Iterator[Finding]:
    """Neither password appears in the logs, in a file of the volume or in a row of job_result: as plain text, escaped
    for a URL or for JSON, in base64 or in hex. Looked at are the base case, every injected fault and an unknown
    command.

    Why: Logs and results are read by many more people, and kept much longer, than the databases of a hospital.
    Fix: Do not print the environment or a connection string, and strip the password from exceptions of the driver.
    """
    yield from shown.judged(
        probe, (Kind.PASSWORD,), "it shows a password", "passwords in the environment only"
    )


@check("sec.row-leak", "a patient's row appears in the logs", needs=LATE)
def row_leak(probe: Probe) -> Iterator[Finding]:
    """The logs, and the error of a row, hold no two numbers of one patient's row, also rounded to five digits; nothing
    holds a value of the patients in a table that no query asks for. A least or greatest value does not count:
    PARAM_meta tells it.

    Why: Patients' data leave the hospital with a log that someone sends to ask for help.
    Fix: Log counts, column names and summaries, never rows, heads of tables or the arguments of a traceback.
    """
    yield from shown.judged(
        probe,
        (Kind.ROW, Kind.PLANTED),
        "it shows patients",
        "no patient's row in the logs, and nothing of other tables",
    )


@check("sec.baked-env", "credentials are baked into the image", needs=("meta.schema",), needs_image=True)
def baked_env(probe: Probe) -> Iterator[Finding]:
    """No variable of the image's own environment is a credential: by its name (password, secret, token, API key, ...;
    not with the suffix _FILE) or by its value (a password in a URL, a well-known form of key).

    Why: Whoever may pull the image has it, and every layer and every copy keeps it.
    Fix: Take the ENV line out, change what it gave away, and read credentials from the caller's environment.
    """
    image = probe.candidate.image
    environment = {} if image is None else image.environment
    found = {name: why for name, value in environment.items() if (why := credentials.why(name, value))}
    for name, why in found.items():
        yield Finding(
            outcome=Outcome.FAIL,
            message="the image's environment holds a credential",
            expected="no credential in ENV",
            got=f"{name[:200]}, {len(environment[name])} characters: {why}",
        )
    if not found:
        yield passed(message=f"{len(environment)} variables")


CHECKS: tuple[Check, ...] = (baked_env, row_leak, secret_leak)
