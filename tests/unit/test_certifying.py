"""The end of `validate --certify`: a certificate for what passed, and never the exit code 0 without one."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from certified import STARTED
from reports import BAD, GOOD, check, finding, report, target

from algoreg import certificates, signatures
from algoreg.cli import certifying
from algoreg.formats import json as json_format
from algoreg.report import Report, Waived, WaivedBy

WAIVED = (Waived(id="neg.exit-code", case="train: x", by=WaivedBy.WAIVER, source="w:1"),)


def concluded(folder: Path, given: Report, *, key: Path | None = None) -> int:
    return certifying.concluded(
        certifying.Wish(file=folder / "c.json", days=1, key=key, started=STARTED), given
    )


def test_what_passed_is_certified_with_the_digest_of_its_report(tmp_path: Path) -> None:
    good = report(target(*GOOD))
    assert concluded(tmp_path, good) == 0
    read = certificates.read(tmp_path / "c.json")
    assert read.report_sha256 == certificates.sha256(json_format.render(good).encode())
    assert timedelta(0) < read.expires - certificates.now() <= timedelta(days=1)
    assert [path.name for path in tmp_path.iterdir()] == ["c.json"]


@pytest.mark.parametrize(
    ("given", "code", "words"),
    [
        (report(target(*BAD)), 1, "the verdict is FAIL"),
        (report(target(check("a.b", finding("ERROR")))), 3, "the verdict is ERROR"),
        (report(replace(target(*BAD), waived=WAIVED)), 1, "waived"),
    ],
)
def test_nothing_is_written_for_anything_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], given: Report, code: int, words: str
) -> None:
    (tmp_path / "c.json").write_text("what was there")
    assert concluded(tmp_path, given) == code
    assert (tmp_path / "c.json").read_text() == "what was there"
    said = capsys.readouterr().err
    assert said.startswith("algoreg: no certificate is written: ")
    assert words in said


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="OpenSSH is not installed")
def test_a_signature_lies_beside_it(tmp_path: Path) -> None:
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    (tmp_path / "allowed").write_text(f"ci@example.org {(tmp_path / 'key.pub').read_text()}")
    assert concluded(tmp_path, report(target(*GOOD)), key=key) == 0
    content = (tmp_path / "c.json").read_bytes()
    beside = tmp_path / "c.json.sig"
    assert signatures.signer(content, beside, tmp_path / "allowed") == "ci@example.org"
    key.write_text("no key")
    (tmp_path / "c.json").unlink()
    with pytest.raises(signatures.SigningError):
        concluded(tmp_path, report(target(*GOOD)), key=key)
    assert not (tmp_path / "c.json").exists()


def test_without_a_wish_the_report_decides() -> None:
    assert certifying.concluded(None, report(target(*BAD))) == 1
