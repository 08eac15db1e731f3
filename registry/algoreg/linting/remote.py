"""Fetches the configuration of an image from its registry, and none of its layers (Registry HTTP API v2).

As ``docker pull`` does it without logging in: over HTTPS (HTTP for a registry on this machine), with an anonymous
token where one is asked for. What a registry sends is bounded in size and time, and verified by its digest.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import requests
import urllib3.exceptions

from algoreg.archives.configuration import (
    DIGEST,
    MAX_BYTES,
    Unfit,
    digest_of,
    document,
    image_info,
    listing,
    mapping,
)
from algoreg.engines.protocol import ImageInfo
from algoreg.errors import ImageNotFound
from algoreg.model import ImageRef
from algoreg.schedulers.deadline import Deadline, WatchedAdapter

_HUB, _HUB_HOST = "docker.io", "registry-1.docker.io"
_TIMEOUT_S = 20.0
_REDIRECTS = 5
_MANIFESTS = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
_INDEXES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
_PREFERRED = ("linux", "amd64")
_CHALLENGE = re.compile(r'([a-z]+)="([^"]*)"')
_HINT = "Log in and pull it (docker pull), or lint what docker save --output FILE writes."


@dataclass(frozen=True, kw_only=True)
class Repository:
    """Where an image is kept."""

    host: str
    path: str

    @property
    def base(self) -> str:
        """The address of its API."""
        scheme = "http" if is_loopback(self.host) else "https"
        return f"{scheme}://{_HUB_HOST if self.host == _HUB else self.host}/v2/{self.path}"


def is_loopback(host: str) -> bool:
    """Whether a registry runs on this machine, which Docker trusts without a certificate."""
    name = urlsplit(f"//{host}").hostname or ""
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def repository_of(reference: ImageRef) -> Repository:
    """By the rule of Docker: a first part with a dot or a port is a host."""
    assert reference.repository is not None
    first, slash, rest = reference.repository.partition("/")
    if slash and (set(first) & set(".:") or first == "localhost"):
        return Repository(host=first, path=rest)
    return Repository(host=_HUB, path=reference.repository if slash else f"library/{reference.repository}")


def image(reference: ImageRef) -> ImageInfo:
    """The facts of an image, of linux/amd64 where there are several. Raises ImageNotFound."""
    if reference.repository is None:
        raise ImageNotFound(f"an id such as {reference.text[:80]} is known to an engine only", hint=_HINT)
    client = _Client(repository_of(reference), reference.text)
    try:
        return client.image(reference)
    except Unfit as error:
        raise client.unavailable(str(error)) from error


class _Client:
    """Asks one registry for one image."""

    def __init__(self, repository: Repository, name: str) -> None:
        self._repository = repository
        self._name = name
        self._token: str | None = None

    def unavailable(self, why: str) -> ImageNotFound:
        """The failure, in one sentence."""
        return ImageNotFound(
            f"no engine has {self._name[:200]}, and {self._repository.host} does not give it: {why}",
            hint=_HINT,
        )

    def image(self, reference: ImageRef) -> ImageInfo:
        """Index, manifest, configuration: each verified by the one before."""
        manifest, digest = self._manifest(reference.digest or reference.tag or "latest")
        if "manifests" in manifest:
            manifest, _ = self._manifest(_chosen(manifest))
        config = mapping(manifest.get("config"), "config")
        wanted = str(config.get("digest"))
        if not DIGEST.fullmatch(wanted):
            raise Unfit("the manifest names no configuration")
        data = self._get(f"/blobs/{wanted}", accept=("application/octet-stream",))
        return image_info(data, digest=wanted, repository_digest=f"{reference.repository}@{digest}")

    def _manifest(self, name: str) -> tuple[Mapping[str, Any], str]:
        data = self._get(f"/manifests/{name}", accept=(*_MANIFESTS, *_INDEXES))
        digest = name if DIGEST.fullmatch(name) else digest_of(data)
        return document(data, "the manifest", digest=digest), digest

    def _get(self, path: str, *, accept: tuple[str, ...]) -> bytes:
        status, headers, data = self._ask(f"{self._repository.base}{path}", accept)
        if status == 401 and self._token is None:
            self._token = self._authorised(headers.get("WWW-Authenticate", ""))
            status, headers, data = self._ask(f"{self._repository.base}{path}", accept)
        if status != 200:
            what = {401: "it asks for a login", 403: "it forbids it", 404: "it does not know it"}
            raise self.unavailable(what.get(status, f"it answers {status}"))
        return data

    def _authorised(self, challenge: str) -> str:
        """An anonymous token, as the registry asked for it."""
        kind, _, rest = challenge.partition(" ")
        asked = dict(_CHALLENGE.findall(rest))
        if kind.lower() != "bearer" or not self._is_safe(asked.get("realm", "")):
            raise self.unavailable("it asks for a login")
        query = {key: asked[key] for key in ("service", "scope") if key in asked}
        status, _, data = self._ask(f"{asked['realm']}?{urlencode(query)}", ("application/json",))
        answer = document(data, "the token") if status == 200 else {}
        token = answer.get("token") or answer.get("access_token")
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise self.unavailable("it gives no token to anonymous readers")
        return token

    def _is_safe(self, address: str) -> bool:
        """Whether an address that a registry names may be asked: HTTPS, or this machine where it is the registry."""
        parts = urlsplit(address)
        here = is_loopback(self._repository.host) and is_loopback(parts.netloc)
        return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and here))

    def _ask(self, address: str, accept: tuple[str, ...]) -> tuple[int, Mapping[str, str], bytes]:
        """One document, through redirections; a token is for the registry only."""
        home = urlsplit(self._repository.base).netloc
        for _ in range(_REDIRECTS):
            headers = {"Accept": ", ".join(accept), "Accept-Encoding": "identity", "User-Agent": "algoreg"}
            if self._token is not None and urlsplit(address).netloc == home:
                headers["Authorization"] = f"Bearer {self._token}"
            status, answered, data = self._once(address, headers)
            target = answered.get("Location", "")
            if status not in (301, 302, 303, 307, 308) or not target:
                return status, answered, data
            address = urljoin(address, target)
            if not self._is_safe(address):
                raise self.unavailable("it sends us to an address without HTTPS")
        raise self.unavailable("it sends us in circles")

    def _once(self, address: str, headers: Mapping[str, str]) -> tuple[int, Mapping[str, str], bytes]:
        with Deadline(_TIMEOUT_S) as deadline, requests.Session() as session:
            session.mount("http://", WatchedAdapter())
            session.mount("https://", WatchedAdapter())
            session.proxies.update(requests.utils.get_environ_proxies(address))
            session.trust_env = False  # no .netrc: whoever asks here is anonymous
            try:
                with session.get(
                    address, headers=dict(headers), timeout=_TIMEOUT_S, stream=True, allow_redirects=False
                ) as answer:
                    return answer.status_code, answer.headers, self._read(answer)
            except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
                why = "no whole answer in time" if deadline.passed else type(error).__name__
                raise self.unavailable(f"it cannot be asked ({why})") from error

    def _read(self, answer: requests.Response) -> bytes:
        content = bytearray()
        while chunk := answer.raw.read1(65536, decode_content=False):
            content += chunk
            if len(content) > MAX_BYTES:
                raise self.unavailable(f"it sends more than {MAX_BYTES >> 20} MiB for one document")
        return bytes(content)


def _chosen(index: Mapping[str, Any]) -> str:
    """The digest of the manifest for most servers, else of the first one."""
    entries = [mapping(one, "a descriptor") for one in listing(index.get("manifests"), "manifests")]
    platforms = [mapping(one.get("platform") or {}, "platform") for one in entries]
    named = [
        (one, platform)
        for one, platform in zip(entries, platforms, strict=True)
        if platform.get("os") != "unknown" and DIGEST.fullmatch(str(one.get("digest")))
    ]
    if not named:
        raise Unfit("its index names no image")
    preferred = (one for one, p in named if (p.get("os"), p.get("architecture")) == _PREFERRED)
    return str(next(preferred, named[0][0])["digest"])
