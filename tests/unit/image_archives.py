"""Archives of images, made member by member: good ones, and what a hostile or a careless hand would make of them."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from good_metadata import GOOD

OCI = "application/vnd.oci.image"
LABELS = {
    "io.algoreg.metadata": json.dumps(yaml.safe_load(GOOD)),
    **{
        f"org.opencontainers.image.{name}": "x"
        for name in ("title", "version", "source", "revision", "licenses")
    },
}
CONFIG: dict[str, Any] = {
    "architecture": "amd64",
    "os": "linux",
    "config": {
        "Entrypoint": ["python", "/main.py"],
        "User": "10001",
        "Env": ["PATH=/bin"],
        "WorkingDir": "/opt",
        "Labels": LABELS,
    },
}
Files = dict[str, bytes]


def config(**changes: Any) -> dict[str, Any]:
    """An image's configuration; changes are of its inner object."""
    return {**CONFIG, "config": {**CONFIG["config"], **changes}}


def dumped(value: Any) -> bytes:
    return json.dumps(value).encode()


def digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def blob(files: Files, data: bytes) -> dict[str, Any]:
    """Put a blob where it belongs; its descriptor."""
    files[f"blobs/sha256/{hashlib.sha256(data).hexdigest()}"] = data
    return {"digest": digest(data), "size": len(data)}


def docker_save(
    of: Mapping[str, Any] = CONFIG, tags: tuple[str, ...] | None = ("algoreg/knn:0.1.0",)
) -> Files:
    """As engines before 25 write it."""
    data = dumped(of)
    name = f"{hashlib.sha256(data).hexdigest()}.json"
    entry = {"Config": name, "RepoTags": tags and list(tags), "Layers": ["0a/layer.tar"]}
    return {"0a/layer.tar": b"layer", name: data, "manifest.json": dumped([entry])}


def manifest(files: Files, of: Mapping[str, Any] = CONFIG, layer: bytes = b"layer") -> dict[str, Any]:
    """Put a manifest with all that it names; its descriptor."""
    described = {
        "schemaVersion": 2,
        "config": {"mediaType": f"{OCI}.config.v1+json", **blob(files, dumped(of))},
        "layers": [{"mediaType": f"{OCI}.layer.v1.tar+gzip", **blob(files, layer)}],
    }
    return {"mediaType": f"{OCI}.manifest.v1+json", **blob(files, dumped(described))}


def oci(*entries: Mapping[str, Any], files: Files) -> Files:
    """The table of contents over blobs that are there."""
    index = {"schemaVersion": 2, "manifests": list(entries)}
    return {**files, "oci-layout": dumped({"imageLayoutVersion": "1.0.0"}), "index.json": dumped(index)}


def oci_layout(of: Mapping[str, Any] = CONFIG, name: str | None = "docker.io/algoreg/knn:0.1.0") -> Files:
    """One image."""
    files: Files = {}
    entry = manifest(files, of)
    if name is not None:
        entry["annotations"] = {"io.containerd.image.name": name}
    return oci(entry, files=files)


def both(of: Mapping[str, Any] = CONFIG) -> Files:
    """As engines since 25 write it: a layout, and their own table of contents beside it."""
    files = oci_layout(of)
    config_name = f"blobs/sha256/{hashlib.sha256(dumped(of)).hexdigest()}"
    layer = f"blobs/sha256/{hashlib.sha256(b'layer').hexdigest()}"
    entry = {"Config": config_name, "RepoTags": ["algoreg/knn:0.1.0"], "Layers": [layer]}
    return {**files, "manifest.json": dumped([entry])}


def member(name: str, data: bytes = b"", **fields: Any) -> tuple[tarfile.TarInfo, bytes]:
    """A tar member; fields such as ``type`` and ``linkname`` as tarfile has them."""
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for field, value in fields.items():
        setattr(info, field, value)
    return info, data


def packed(files: Files, *more: tuple[tarfile.TarInfo, bytes]) -> bytes:
    """A tar file."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for info, data in (*(member(name, data) for name, data in files.items()), *more):
            tar.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def tar_file(folder: Path, files: Files, *more: tuple[tarfile.TarInfo, bytes]) -> Path:
    path = folder / "image.tar"
    path.write_bytes(packed(files, *more))
    return path


def unpacked(folder: Path, files: Files) -> Path:
    """A layout as a folder."""
    root = folder / "layout"
    for name, data in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    return root
