"""Nothing is exported that was not seen to conform, and the reason says what to do."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from certified import FINISHED, certificate
from good_metadata import GOOD
from reports import IMAGE_ID

from algoreg import certificates, contract, metadata
from algoreg.certificates import Certificate
from algoreg.engines.protocol import ImageInfo
from algoreg.export import gate
from algoreg.export.gate import Gate, Lack

DOCUMENT = metadata.read_document(GOOD, "algorithm.yaml", syntax="yaml")
KNN = metadata.parse(DOCUMENT)
OTHER_ID = "sha256:" + "b" * 64
DIGEST = "algoreg/knn@sha256:" + "c" * 64


def image(id: str = IMAGE_ID, *, digest: str | None = None, label: str | None = None) -> ImageInfo:
    return ImageInfo(
        id=id,
        digest=digest,
        os="linux",
        architecture="amd64",
        entrypoint=("x",),
        cmd=(),
        user="1",
        workdir="/",
        environment={},
        labels={contract.METADATA_LABEL: metadata.compact_json(DOCUMENT) if label is None else label},
    )


def asked(*held: Certificate, present: ImageInfo | None, **more: object) -> tuple[gate.Refused, ...]:
    opened = Gate(folder=Path("certs of us"), certificates=held, **{"now": FINISHED, **more})  # type: ignore[arg-type]
    return opened.refused([KNN], {"knn": present})


EXPIRED = {"now": FINISHED + timedelta(days=certificates.DAYS)}
PUSHED = ("predicate", "image", "digest")
VALIDATE = "algoreg validate algoreg/knn:0.1.0 --certify 'certs of us/knn.json'"


def test_a_certified_image_is_let_through() -> None:
    assert asked(certificate(), present=image()) == ()
    assert asked(certificate("predicate", "verdict", to="FAIL"), certificate(), present=image()) == ()


@pytest.mark.parametrize(
    ("held", "present", "more", "lack", "words"),
    [
        ([], image(), {}, Lack.CERTIFICATE, ("no certificate of it", VALIDATE)),
        ([certificate()], None, {}, Lack.IMAGE, ("no such image", "algoreg build knn")),
        (
            [certificate()],
            image(OTHER_ID),
            {},
            Lack.SAME_IMAGE,
            ("built again", OTHER_ID, "c.json", VALIDATE),
        ),
        ([certificate()], image(), EXPIRED, Lack.TIME, ("expired at 2027-02-11T10:01:00Z", VALIDATE)),
        (
            [certificate("predicate", "verdict", to="FAIL")],
            image(),
            {},
            Lack.PASS,
            ("says FAIL", "mend", VALIDATE),
        ),
        (
            [certificate()],
            image(),
            {"signer": lambda _: None},
            Lack.SIGNATURE,
            ("not signed", "--sign-key KEY"),
        ),
        ([certificate()], image(label="{}"), {}, Lack.METADATA, ("other metadata", "algoreg build knn")),
        ([certificate()], image(label=""), {}, Lack.METADATA, ("other metadata",)),
        (
            [certificate(*PUSHED, to=DIGEST)],
            image(digest=DIGEST.replace("c", "d")),
            {"pinned": True},
            Lack.DIGEST,
            (DIGEST, "would be pinned to"),
        ),
        ([certificate(*PUSHED, to=DIGEST)], image(), {"pinned": True}, Lack.DIGEST, ("pinned to None",)),
    ],
)
def test_what_is_missing_is_said_with_what_to_do(
    held: list[Certificate],
    present: ImageInfo | None,
    more: dict[str, object],
    lack: Lack,
    words: tuple[str, ...],
) -> None:
    (refused,) = asked(*held, present=present, **more)
    assert refused.lack is lack
    told = "\n".join(gate.lines([refused]))
    for word in (*words, "knn (algoreg/knn:0.1.0)", "nothing is exported"):
        assert word in told


@pytest.mark.parametrize(
    "more",
    [
        {"signer": lambda _: "ada@example.org"},
        {"pinned": True},
    ],
)
def test_what_is_asked_for_and_there_is_let_through(more: dict[str, object]) -> None:
    assert asked(certificate(*PUSHED, to=DIGEST), present=image(digest=DIGEST), **more) == ()
    assert asked(certificate(), present=image(digest=DIGEST), **more) == ()


def test_a_digest_matters_only_where_it_is_written() -> None:
    other = image(digest=DIGEST.replace("c", "d"))
    assert asked(certificate(*PUSHED, to=DIGEST), present=other) == ()


def test_the_newest_certificate_of_an_image_gives_the_reason() -> None:
    old = certificate("predicate", "expires", to="2026-11-01T00:00:00Z", origin="old.json")
    new = certificate("predicate", "expires", to="2026-11-02T00:00:00Z", origin="new.json")
    (refused,) = asked(old, new, present=image())
    assert "new.json expired" in refused.message


def test_programs_get_the_same() -> None:
    document = gate.document(asked(present=image()))
    assert (document["schema"], document["conformant"]) == ("algoreg-gate/1", False)
    (one,) = document["refused"]
    assert (one["code"], one["lack"]) == ("knn", "certificate")
    assert json.loads(json.dumps(document)) == document
