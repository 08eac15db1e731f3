"""Finds the images in an archive, by both of the tables of contents that there can be, which must agree."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from algoreg.archives import blobs
from algoreg.archives.blobs import Blobs
from algoreg.archives.configuration import (
    DIGEST,
    MAX_BYTES,
    Unfit,
    document,
    image_info,
    listing,
    mapping,
    parsed,
    texts,
)
from algoreg.engines.protocol import ImageInfo
from algoreg.model import ImageRef

_INDEX = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
_CONFIGS = ("application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json")
_ATTESTATION = "vnd.docker.reference.type"
_NAMES = ("io.containerd.image.name", "org.opencontainers.image.ref.name")
_SAVED_CONFIG = re.compile(r"(?:blobs/sha256/)?(?P<hex>[0-9a-f]{64})(?:\.json)?")
_MAX_LEVELS = 4
_MAX_IMAGES = 100


@dataclass(frozen=True, kw_only=True)
class Archived:
    """An image in an archive, under one of its names."""

    reference: ImageRef | None
    """None for one that the archive does not name."""
    image: ImageInfo


@dataclass(frozen=True, kw_only=True)
class _Found:
    config: str
    """The digest of its configuration."""
    names: frozenset[str]


def is_layout(path: Path) -> bool:
    """Whether a folder says that it is an OCI image layout."""
    return (path / "oci-layout").is_file() and (path / "index.json").is_file()


def images(path: Path) -> tuple[Archived, ...]:
    """Every image of every platform, once for each of its names. Raises UsageError for what cannot be trusted."""
    with blobs.opened(path) as source:
        try:
            return tuple(_images(source))
        except Unfit as error:
            raise blobs.refusal(f"{path}: {error}") from error


def _images(source: Blobs) -> Iterator[Archived]:
    names: dict[str, set[str]] = {}
    layout = list(_of_layout(source)) if source.size("index.json") is not None else None
    saved = list(_of_docker(source)) if source.size("manifest.json") is not None else None
    if layout is None and saved is None:
        raise Unfit("neither index.json nor manifest.json: no image's archive, or one that was cut off")
    if layout is not None and (
        strays := {one.config for one in saved or ()} - {one.config for one in layout}
    ):
        raise Unfit(
            f"manifest.json has an image that index.json has not ({min(strays)}): readers would differ"
        )
    for one in (*(layout or ()), *(saved or ())):
        names.setdefault(one.config, set()).update(one.names)
    if not names:
        raise Unfit("no image in it")
    for config, given in list(names.items())[:_MAX_IMAGES]:
        image = image_info(source.read(_blob(config, source), MAX_BYTES), digest=config)
        references = [ImageRef.parse(name) for name in sorted(given)]
        yield from (Archived(reference=reference, image=image) for reference in references or [None])


def _blob(digest: str, source: Blobs) -> str:
    """Where the content of this digest lies; archives of older engines have the configuration at the top."""
    name, old = f"blobs/sha256/{digest.removeprefix('sha256:')}", f"{digest.removeprefix('sha256:')}.json"
    return old if source.size(name) is None and source.size(old) is not None else name


def _of_docker(source: Blobs) -> Iterator[_Found]:
    """What manifest.json names."""
    entries = listing(parsed(source.read("manifest.json", MAX_BYTES), "manifest.json"), "manifest.json")
    for entry in entries[:_MAX_IMAGES]:
        described = mapping(entry, "an entry of manifest.json")
        match = _SAVED_CONFIG.fullmatch(str(described.get("Config")))
        if match is None:
            raise Unfit("manifest.json: Config is no digest")
        for layer in texts(described.get("Layers"), "Layers"):
            if source.size(layer) is None and not source.is_link(layer):
                # older engines write a layer that two images share once, and links for the others
                raise Unfit(f"the layer {layer[:100]!r} is not there: the archive is incomplete")
        tags = texts(described.get("RepoTags"), "RepoTags")
        yield _Found(config=f"sha256:{match['hex']}", names=frozenset(_familiar(tag) for tag in tags))


def _of_layout(source: Blobs) -> Iterator[_Found]:
    """What index.json leads to, through indexes of platforms; attestations are no images."""
    yield from _manifests(_content(source, "index.json"), source, frozenset(), _MAX_LEVELS)


def _content(source: Blobs, name: str, digest: str | None = None) -> Mapping[str, Any]:
    return document(source.read(name, MAX_BYTES), name, digest=digest)


def _manifests(
    index: Mapping[str, Any], source: Blobs, inherited: frozenset[str], levels: int
) -> Iterator[_Found]:
    if levels == 0:
        raise Unfit("indexes within indexes within indexes are no image")
    for entry in listing(index.get("manifests"), "manifests")[:_MAX_IMAGES]:
        described = mapping(entry, "a descriptor")
        annotations = mapping(described.get("annotations") or {}, "annotations")
        digest = _digest(described)
        name = f"blobs/sha256/{digest.removeprefix('sha256:')}"
        if _ATTESTATION in annotations or (levels < _MAX_LEVELS and source.size(name) is None):
            continue  # an index names every platform, also those that were not saved
        names = inherited | {_familiar(str(annotations[key])) for key in _NAMES if key in annotations}
        whole = _content(source, name, digest)
        if "manifests" in whole or described.get("mediaType") in _INDEX:
            yield from _manifests(whole, source, names, levels - 1)
        elif (config := mapping(whole.get("config"), "config")).get("mediaType") in _CONFIGS:
            _ensure_layers(whole, source)
            yield _Found(config=_digest(config), names=frozenset(n for n in names if _is_full(n)))


def _ensure_layers(manifest: Mapping[str, Any], source: Blobs) -> None:
    for entry in listing(manifest.get("layers"), "layers"):
        layer = mapping(entry, "a layer")
        size = source.size(f"blobs/sha256/{_digest(layer).removeprefix('sha256:')}")
        foreign = "foreign" in str(layer.get("mediaType")) or "nondistributable" in str(
            layer.get("mediaType")
        )
        if size != layer.get("size") and not foreign:
            raise Unfit(f"the layer {_digest(layer)} is not there as a whole: the archive is incomplete")


def _digest(descriptor: Mapping[str, Any]) -> str:
    digest = descriptor.get("digest")
    if not isinstance(digest, str) or not DIGEST.fullmatch(digest):
        raise Unfit("a descriptor without a sha256 digest")
    return digest


def _familiar(name: str) -> str:
    """As people write it: without the registry that stands for no registry."""
    return name.removeprefix("docker.io/library/").removeprefix("docker.io/")


def _is_full(name: str) -> bool:
    """A name with a repository; some tools note only the tag."""
    reference = ImageRef.parse(name)
    return reference is not None and reference.tag is not None
