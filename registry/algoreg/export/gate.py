"""Lets only those algorithms be exported whose present image has a certificate that counts; the gate that says no.

Pure: the images are what an engine told, the certificates what a folder holds. One refusal stops the whole export;
that is decided by the caller, who has the list.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from algoreg import contract, metadata, strictjson
from algoreg.certificates import Certificate, Standing
from algoreg.engines.protocol import ImageInfo
from algoreg.errors import MetadataError
from algoreg.export.pinning import Known
from algoreg.model import Algorithm

SCHEMA = "algoreg-gate/1"
Signer = Callable[[Certificate], str | None]
"""Who signed a certificate, out of those who may."""


class Lack(StrEnum):
    """What an algorithm has not."""

    IMAGE = "image"
    CERTIFICATE = "certificate"
    SAME_IMAGE = "same-image"
    """There is a certificate of another image: this one was built again."""
    PASS = "pass"
    TIME = "time"
    """The certificate expired."""
    SIGNATURE = "signature"
    DIGEST = "digest"
    """It would be pinned to another digest than the certified one."""
    METADATA = "metadata"
    """The image carries another document than the one that is exported."""


@dataclass(frozen=True, kw_only=True)
class Refused:
    """Why an algorithm is not exported, and what to do."""

    code: str
    image: str
    lack: Lack
    message: str
    fix: str

    def lines(self) -> tuple[str, str]:
        """For people."""
        return f"{self.code} ({self.image}): {self.message} [{self.lack}]", f"    do: {self.fix}"


@dataclass(frozen=True, kw_only=True)
class Gate:
    """What is required of every algorithm."""

    folder: Path
    """Where the certificates are: what to do names it."""
    certificates: tuple[Certificate, ...]
    now: datetime
    pinned: bool = False
    signer: Signer | None = None
    """None where signatures are not asked for."""

    def refused(self, algorithms: Iterable[Algorithm], images: Known) -> tuple[Refused, ...]:
        """Those that may not be exported, each with the first thing that it lacks."""
        found = (self._first(one, images[one.code]) for one in algorithms)
        return tuple(refusal for refusal in found if refusal is not None)

    def _first(self, algorithm: Algorithm, image: ImageInfo | None) -> Refused | None:
        if image is None:
            build = f"algoreg build {algorithm.code}, or docker pull {algorithm.reference}; then validate it"
            message = "the engine has no such image, so that nothing can be compared"
            return _refused(algorithm, Lack.IMAGE, message, build)
        own = [one for one in self._newest() if one.image_id == image.id]
        reasons = [next(self._lacks(algorithm, image, one), None) for one in own]
        if None in reasons:
            return None
        return reasons[0] if reasons else self._without(algorithm, image)

    def _validate(self, algorithm: Algorithm) -> str:
        file = self.folder / f"{algorithm.code}.json"
        return shlex.join(("algoreg", "validate", algorithm.reference, "--certify", str(file)))

    def _without(self, algorithm: Algorithm, image: ImageInfo) -> Refused:
        other = next((one for one in self._newest() if one.code == algorithm.code), None)
        if other is None:
            message = f"{self.folder} has no certificate of it"
            return _refused(algorithm, Lack.CERTIFICATE, message, self._validate(algorithm))
        message = (
            f"its image is {image.id} now: built again, or replaced; {other.origin} is of {other.image_id}"
        )
        return _refused(algorithm, Lack.SAME_IMAGE, message, self._validate(algorithm))

    def _newest(self) -> list[Certificate]:
        return sorted(self.certificates, key=lambda one: one.expires, reverse=True)

    def _lacks(self, algorithm: Algorithm, image: ImageInfo, own: Certificate) -> Iterator[Refused]:
        """What a certificate of this very image leaves to be desired."""
        again = self._validate(algorithm)
        standing = own.standing(self.now)
        if standing is not Standing.VALID:
            message = f"{own.origin} {own.told(standing)}"
            mend = "mend the image; then " if standing is Standing.FAILED else ""
            lack = Lack.TIME if standing in (Standing.EXPIRED, Standing.TO_COME) else Lack.PASS
            yield _refused(algorithm, lack, message, f"{mend}{again}")
        if self.signer is not None and self.signer(own) is None:
            message = f"{own.origin} is not signed by anybody who may"
            yield _refused(algorithm, Lack.SIGNATURE, message, f"{again} --sign-key KEY")
        if self.pinned and own.digest is not None and own.digest != image.digest:
            message = f"{own.origin} is of {own.digest}, and it would be pinned to {image.digest}"
            yield _refused(algorithm, Lack.DIGEST, message, again)
        if not _same_document(algorithm, image):
            message = (
                "the image carries other metadata than the installed plugin, of which the export is made"
            )
            fix = f"algoreg build {algorithm.code}, or install the plugin of the image; then {again}"
            yield _refused(algorithm, Lack.METADATA, message, fix)


def _refused(algorithm: Algorithm, lack: Lack, message: str, fix: str) -> Refused:
    return Refused(code=algorithm.code, image=algorithm.reference, lack=lack, message=message, fix=fix)


def _same_document(algorithm: Algorithm, image: ImageInfo) -> bool:
    try:
        label = image.labels.get(contract.METADATA_LABEL, "")
        carried = metadata.read_document(label, contract.METADATA_LABEL, syntax="json")
    except MetadataError:
        return False
    return strictjson.equal(carried.data, dict(algorithm.document))


def document(refused: Sequence[Refused]) -> dict[str, Any]:
    """The refusals as JSON values."""
    return {"schema": SCHEMA, "conformant": not refused, "refused": [asdict(one) for one in refused]}


def lines(refused: Sequence[Refused]) -> tuple[str, ...]:
    """The refusals for people."""
    head = f"nothing is exported: {len(refused)} algorithm(s) are not shown to conform"
    return (head, *(line for one in refused for line in one.lines()))
