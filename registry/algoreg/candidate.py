"""What is known of a target before anything runs: its image, its metadata, and the plugins that claim it."""

from __future__ import annotations

from dataclasses import dataclass, field

from algoreg import contract, metadata
from algoreg.documents import Document
from algoreg.engines.protocol import ImageInfo
from algoreg.errors import MetadataError
from algoreg.model import Algorithm, ImageRef
from algoreg.registry import Entry

_SHORT_ID = 12


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A target with its metadata read as far as they can be read."""

    target: str
    reference: ImageRef | None
    """None when the target is no image."""
    image: ImageInfo | None
    document: Document | None
    """The metadata; None when there are none, or they cannot be read."""
    unreadable: MetadataError | None = None
    """Why the metadata cannot be read."""
    given: bool = False
    """The metadata come from a file that the person named, not from the label."""
    installed: tuple[Entry, ...] = field(default=(), repr=False)
    """The algorithms of installed plugins."""

    def algorithm(self) -> Algorithm:
        """The declared algorithm. Raises MetadataError, UnsupportedContract."""
        if self.unreadable is not None:
            raise self.unreadable
        if self.document is None:
            raise MetadataError(f"{self.target} carries no metadata")
        return metadata.parse(self.document)


def _is_id(target: str, image: ImageInfo) -> bool:
    """Whether the engine found the image by the beginning of its id, as `docker images` prints it."""
    return len(target) >= _SHORT_ID and image.id.removeprefix("sha256:").startswith(target)


def of_image(
    target: str, image: ImageInfo, *, given: Document | None, installed: tuple[Entry, ...]
) -> Candidate:
    """The candidate of an image: its label's metadata, or those of the file that the person named."""
    document, unreadable = given, None
    label = image.labels.get(contract.METADATA_LABEL)
    if given is None and label is not None:
        try:
            document = metadata.read_document(label, f"label {contract.METADATA_LABEL}", syntax="json")
        except MetadataError as error:
            unreadable = error
    return Candidate(
        target=target,
        reference=None if _is_id(target, image) else ImageRef.parse(target),
        image=image,
        document=document,
        unreadable=unreadable,
        given=given is not None,
        installed=installed,
    )
