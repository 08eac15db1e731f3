"""Images as the engine knows them: resolved once to an id, pulled with progress, built from a context."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from algoreg.archives import configuration
from algoreg.engines.docker import profile
from algoreg.engines.docker.api import Api, Refusal, bounded, one_line
from algoreg.engines.protocol import ImageInfo
from algoreg.errors import EngineError, ImageNotFound, UsageError
from algoreg.model import ImageRef

_STALL_S = 300.0
"""A pull or a build that says nothing for so long is given up."""
_PASSWD_MAX_BYTES = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class DockerSubject:
    """Implements ``engines.protocol.Subject``: an image, pinned by its id."""

    target: str
    image: ImageInfo
    volumes: tuple[str, ...]
    """Paths the image declares as VOLUME."""


def find(api: Api, reference: str) -> DockerSubject | None:
    """A local image; None when there is none of that name."""
    answer = api.attempt("look up an image", lambda: api.client.inspect_image(reference))
    if isinstance(answer, Refusal):
        if answer.status in (400, 404):
            return None
        raise EngineError(f"the engine did not look up an image: {one_line(answer.message)}")
    return DockerSubject(
        target=reference,
        image=_info(answer, reference),
        volumes=tuple(str(path) for path in (answer.get("Config") or {}).get("Volumes") or ()),
    )


def resolve(
    api: Api, reference: str, *, pull: bool, progress: Callable[[str], None], check: Callable[[], None]
) -> DockerSubject:
    """The image of this name, pulled when it is absent or when asked to. Raises ImageNotFound."""
    parsed = ImageRef.parse(reference)
    if parsed is None:
        raise UsageError(
            f"{one_line(reference)!r} is not the name of an image",
            hint="Write repository:tag, or an image id.",
        )
    local = None if pull else find(api, reference)
    if local is None:
        if parsed.repository is None:
            raise ImageNotFound(f"no image of id {reference} in this engine")
        _pull(api, parsed, progress, check)
        local = find(api, reference)
    if local is None:
        raise ImageNotFound(f"{reference} was pulled and is not there")
    return local


def _info(answer: Mapping[str, Any], reference: str) -> ImageInfo:
    parsed = ImageRef.parse(reference)
    digests = [str(digest) for digest in answer.get("RepoDigests") or ()]
    own = f"{parsed.repository}@" if parsed is not None and parsed.repository else "@"
    try:
        return configuration.facts(
            answer.get("Config"),
            id=str(answer["Id"]),
            digest=next((d for d in digests if d.startswith(own)), next(iter(digests), None)),
            os=str(answer.get("Os") or ""),
            architecture=str(answer.get("Architecture") or ""),
        )
    except configuration.Unfit as error:
        raise EngineError(
            f"the engine describes {one_line(reference)} in a way nobody reads: {error}"
        ) from error


def _pull(api: Api, reference: ImageRef, progress: Callable[[str], None], check: Callable[[], None]) -> None:
    progress(f"pulling {reference.text}")
    tag = reference.digest or reference.tag or "latest"
    answer = api.attempt(
        "pull an image",
        lambda: api.client.pull(reference.repository, tag=tag, stream=True, decode=True),
        _STALL_S,
    )
    problem = answer.message if isinstance(answer, Refusal) else None
    if not isinstance(answer, Refusal):
        for event in _events(api, answer, "pull an image", check):
            problem = problem or _error(event)
            if event.get("status"):
                words = (event.get("id"), event.get("status"), event.get("progress"))
                progress(one_line(" ".join(str(word) for word in words if word), 120))
    if problem is not None:
        raise ImageNotFound(f"{reference.text} is neither local nor pullable: {one_line(problem, 200)}")


def build(
    api: Api,
    *,
    context: bytes,
    build_args: Mapping[str, str],
    labels: Mapping[str, str],
    tags: Sequence[str],
    progress: Callable[[str], None],
    check: Callable[[], None],
) -> str:
    """Build an image from a tar context, tag it, and give its id."""
    stream = api.call(
        "build an image",
        lambda: api.client.build(
            fileobj=io.BytesIO(context),
            custom_context=True,
            decode=True,
            rm=True,
            forcerm=True,
            buildargs=dict(build_args),
            labels=dict(labels),
            tag=tags[0],
        ),
        _STALL_S,
    )
    said: list[str] = []
    problem = None
    for event in _events(api, stream, "build an image", check):
        problem = problem or _error(event)
        for line in str(event.get("stream") or event.get("status") or "").splitlines():
            if line.strip():
                said = [*said[-20:], one_line(line, 200)]
                progress(said[-1])
    if problem is not None:
        raise EngineError(
            f"the image {tags[0]} was not built: {one_line(problem)}",
            hint="Its last lines: " + " | ".join(said[-5:]) if said else "Look at its Dockerfile.",
        )
    built = find(api, tags[0])
    if built is None:
        raise EngineError(f"the image {tags[0]} was built and is not there")
    for tag in tags[1:]:
        repository, _, name = tag.rpartition(":")
        api.call("tag an image", lambda r=repository, n=name: api.client.tag(built.image.id, r, n))  # type: ignore[misc]
    return built.image.id


def _events(
    api: Api, stream: Iterator[Any], what: str, check: Callable[[], None]
) -> Iterator[Mapping[str, Any]]:
    """The stream's documents, each within its time, cancellable in between."""
    while True:
        check()
        event = api.call(what, lambda: next(stream, None), _STALL_S)
        if event is None:
            return
        if isinstance(event, dict):
            yield event


def _error(event: Mapping[str, Any]) -> str | None:
    detail = event.get("errorDetail") or {}
    text = event.get("error") or (detail.get("message") if isinstance(detail, dict) else None)
    return str(text) if text else None


def never_started(
    subject: DockerSubject, labels: Mapping[str, str], volumes: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """A container only to look into the image's files; it fills empty volumes with the image's content."""
    host = profile.hardened(memory_bytes=64 * profile.MIB, pids=16)
    host["Mounts"] = [profile.image_volume(path, name, labels) for path, name in (volumes or {}).items()]
    host["Tmpfs"] = profile.in_memory(set(subject.volumes) - set(volumes or ()))
    return {"Image": subject.image.id, "Entrypoint": ["none"], "Cmd": [], "HostConfig": host}


def uid_of(api: Api, container: str, name: str) -> int | None:
    """The uid that a created container's /etc/passwd gives to a user name; None where it gives none."""
    path = "/etc/passwd"
    found = api.stat(container, path)
    if found is not None and found.get("linkTarget"):
        path = str(found["linkTarget"])
        found = api.stat(container, path)
    if found is None or not 0 < int(found.get("size", 0)) <= _PASSWD_MAX_BYTES:
        return None

    def work() -> bytes:
        with api.archive(container, path) as chunks:
            data = bytearray()
            for chunk in chunks:
                data += chunk
                if len(data) > 2 * _PASSWD_MAX_BYTES:
                    break
            return bytes(data)

    with (
        suppress(tarfile.TarError, KeyError),
        tarfile.open(fileobj=io.BytesIO(bounded("read", work, 30))) as tar,
    ):
        member = tar.next()
        source = tar.extractfile(member) if member is not None and member.isreg() else None
        for line in (source or io.BytesIO()).read(_PASSWD_MAX_BYTES).decode("utf-8", "replace").splitlines():
            fields = line.split(":")
            if len(fields) > 2 and fields[0] == name and fields[2].isascii() and fields[2].isdigit():
                return int(fields[2])
    return None
