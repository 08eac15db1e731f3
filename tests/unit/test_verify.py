"""What a certificate is worth later: its form, its time, its report, its image, its signer; and the exit codes."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from certified import FINISHED, STARTED, STATEMENT, certificate, changed
from reports import BAD, GOOD, IMAGE, IMAGE_ID, report, target
from test_export_gate import image

from algoreg import certificates, signatures, verification
from algoreg.certificates import Certificate
from algoreg.engines.protocol import ImageInfo
from algoreg.formats import json as json_format
from algoreg.report import Outcome
from support.program import ALGOREG


def asked(given: Certificate | None = None, **brought: Any) -> verification.Verification:
    return verification.verify(given or certificate(), now=FINISHED, **brought)


def outcome(found: verification.Verification, id: str) -> Outcome:
    return next(answer.outcome for answer in found.answers if answer.id == id)


def saved(text: str) -> verification.SavedReport:
    return verification.SavedReport(origin="report.json", content=text.encode())


def present(id: str | None) -> verification.Present:
    info: ImageInfo | None = image(id) if id else None
    return verification.Present(reference=IMAGE, image=info)


def test_what_is_not_brought_is_not_looked_at() -> None:
    found = asked()
    assert (found.exit_code, found.verdict) == (0, Outcome.PASS)
    assert [answer.outcome.value for answer in found.answers] == ["PASS", "SKIP", "SKIP", "SKIP"]
    assert "not looked at image: name the image with --image" in "\n".join(found.lines())


def test_an_expired_one_says_so() -> None:
    late = FINISHED + timedelta(days=90)
    found = verification.verify(certificate(), now=late)
    assert (found.exit_code, outcome(found, "standing")) == (1, Outcome.FAIL)
    assert "expired at 2027-02-11T10:01:00Z" in "\n".join(found.lines())


def test_one_that_says_fail_says_so() -> None:
    assert asked(certificate("predicate", "verdict", to="FAIL")).exit_code == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (json_format.render(report(target(*GOOD))), Outcome.PASS),
        (json_format.render(report(target(*GOOD))) + "\n", Outcome.FAIL),
        (json_format.render(report(target(*BAD))), Outcome.FAIL),
        ("", Outcome.FAIL),
    ],
)
def test_the_report_is_the_same_to_the_byte(text: str, expected: Outcome) -> None:
    assert outcome(asked(report=saved(text)), "report") is expected


@pytest.mark.parametrize("text", [json_format.render(report(target(*BAD))), "no report"])
def test_a_certificate_that_says_more_than_its_report_is_told(text: str) -> None:
    digest = certificates.sha256(text.encode())
    claims = certificate("predicate", "report", "digest", "sha256", to=digest)
    found = asked(claims, report=saved(text))
    assert outcome(found, "report") is Outcome.FAIL
    assert "does not say what the certificate repeats" in "\n".join(found.lines())


@pytest.mark.parametrize(
    ("id", "expected", "code"),
    [
        (IMAGE_ID, Outcome.PASS, 0),
        ("sha256:" + "b" * 64, Outcome.FAIL, 1),
        (None, Outcome.ERROR, 3),
    ],
)
def test_the_image_is_the_certified_one(id: str | None, expected: Outcome, code: int) -> None:
    found = asked(present=present(id))
    assert (outcome(found, "image"), found.exit_code) == (expected, code)


def test_a_failure_counts_more_than_what_cannot_be_told() -> None:
    assert asked(certificate("predicate", "verdict", to="FAIL"), present=present(None)).exit_code == 1


def verify(*arguments: str | Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ALGOREG, "verify", *map(str, arguments)], capture_output=True, text=True, check=False, env=env
    )


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A certificate that counts now."""
    now = datetime.now(UTC)
    text = certificates.statement(report(target(*GOOD)), started=now, finished=now)
    (tmp_path / "c.json").write_text(text)
    return tmp_path / "c.json"


def test_the_command_tells_people_and_programs(written: Path) -> None:
    done = verify(written)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{written} PASS: {IMAGE} ({IMAGE_ID})")
    (written.parent / "r.json").write_text(json_format.render(report(target(*GOOD))))
    done = verify(written, "--report", written.parent / "r.json", "--format", "json")
    document = json.loads(done.stdout)
    assert (done.returncode, document["schema"], document["verdict"]) == (0, "algoreg-verification/1", "PASS")
    assert {one["id"]: one["outcome"] for one in document["checks"]} == {
        "standing": "PASS",
        "report": "PASS",
        "image": "SKIP",
        "signature": "SKIP",
    }


def test_the_codes_of_the_command(tmp_path: Path, written: Path) -> None:
    long_ago = STARTED - timedelta(days=10_000)
    old = certificates.statement(report(target(*GOOD)), started=long_ago, finished=long_ago)
    (tmp_path / "old.json").write_text(old)
    (tmp_path / "broken.json").write_bytes(changed("predicate", "seed", to="x"))
    done = verify(tmp_path / "old.json")
    assert done.returncode == 1
    assert "fix: Validate the image again with --certify." in done.stdout
    for arguments, words in (
        ([tmp_path / "broken.json"], "$.predicate.seed"),
        ([tmp_path / "absent.json"], "cannot read"),
        ([written, "--report", tmp_path / "absent.json"], "cannot read"),
        ([written, "--signature", written], "--allowed-signers"),
        ([written, "--allowed-signers", tmp_path / "absent"], "cannot read"),
    ):
        done = verify(*arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert words in done.stderr
        assert "Traceback" not in done.stderr
    done = verify(written, "--image", IMAGE, env={"DOCKER_HOST": "unix:///nowhere.sock"})
    assert done.returncode == 3


def test_untrusted_text_reaches_no_terminal(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_bytes(
        changed("predicate", "image", "reference", to="\x1b[2J\u202e\n::error::x")
    )
    done = verify(tmp_path / "c.json")
    assert not set(done.stdout) & {"\x1b", "\u202e"}
    assert not any(line.startswith("::") for line in done.stdout.splitlines())


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """A folder with the keys of two people, and the first as the one who may sign."""
    for name in ("ada", "eve"):
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", tmp_path / name], check=True
        )
    public = (tmp_path / "ada.pub").read_text()
    (tmp_path / "allowed").write_text(f'ada@example.org namespaces="{signatures.NAMESPACE}" {public}')
    return tmp_path


needs_ssh = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="OpenSSH is not installed")


@needs_ssh
def test_a_signature_tells_who_signed(keys: Path, written: Path) -> None:
    allowed = ("--allowed-signers", keys / "allowed")
    assert verify(written, *allowed).returncode == 1  # none there
    beside = Path(f"{written}.sig")
    beside.write_text(signatures.sign(written.read_bytes(), keys / "ada"))
    done = verify(written, *allowed)
    assert (done.returncode, done.stderr) == (0, "")
    assert "PASS signature: signed by ada@example.org" in done.stdout
    written.write_text(STATEMENT.replace('"seed": 7', '"seed": 8'))
    done = verify(written, *allowed)
    assert (done.returncode, "FAIL signature" in done.stdout) == (1, True)
    beside.write_text(signatures.sign(written.read_bytes(), keys / "eve"))
    assert "FAIL signature" in verify(written, *allowed).stdout


@needs_ssh
def test_a_signature_for_something_else_does_not_count(keys: Path, written: Path) -> None:
    (keys / "allowed").write_text(f"ada@example.org {(keys / 'ada.pub').read_text()}")
    subprocess.run(
        ["ssh-keygen", "-q", "-Y", "sign", "-f", keys / "ada", "-n", "file", written],
        check=True,
        capture_output=True,
    )
    assert "FAIL signature" in verify(written, "--allowed-signers", keys / "allowed").stdout


@needs_ssh
def test_a_key_that_is_none_is_one_clear_message(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("no key")
    with pytest.raises(signatures.SigningError, match="did not sign with"):
        signatures.sign(b"text", tmp_path / "key")


def test_an_absent_tool_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(signatures.SigningError, match="ssh-keygen is not installed") as refused:
        signatures.signer(b"", tmp_path, tmp_path)
    assert refused.value.exit_code == 3
    assert "OpenSSH" in refused.value.hint
