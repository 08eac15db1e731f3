"""Names become ids once; building says what happens; what is not there is said to be not there."""

from __future__ import annotations

import docker
import pytest

from algoreg.engines.docker import DockerEngine
from algoreg.errors import EngineError, ImageNotFound, UsageError
from conftest import BASE, SMALL, Builder, request, shell

pytestmark = pytest.mark.engine


def test_what_the_engine_is(engine: DockerEngine) -> None:
    assert engine.info.name in ("docker", "podman")
    assert engine.info.version
    assert engine.platform is not None
    assert engine.platform[0] == "linux"


def test_an_image_as_the_engine_knows_it(engine: DockerEngine, build) -> None:
    subject = build(
        "ENV A=b=c EMPTY=", "USER 7:8", "WORKDIR /tmp", "LABEL x.y=z", 'ENTRYPOINT ["a", "b"]', 'CMD ["c"]'
    )
    image = subject.image
    assert (image.entrypoint, image.cmd) == (("a", "b"), ("c",))
    assert (image.user, image.workdir, image.labels["x.y"]) == ("7:8", "/tmp", "z")
    assert (image.environment["A"], image.environment["EMPTY"]) == ("b=c", "")
    assert image.id.startswith("sha256:")
    assert engine.platform == (image.os, image.architecture)
    assert engine.subject(image.id).image.id == image.id
    assert engine.has_image(image.id)


def test_a_name_that_moves_does_not_move_the_run(
    engine: DockerEngine, client: docker.APIClient, build
) -> None:
    first, second = build('CMD ["echo", "first"]'), build('CMD ["echo", "second"]')
    repository, _, tag = first.target.partition(":")
    with engine.laboratory(first) as laboratory, laboratory.pod(SMALL) as pod:
        client.tag(second.image.id, repository, tag)
        assert shell(pod, "true").exit_code == 0
        assert pod.run(request()).logs.text == "first\n"
    assert engine.subject(first.target).image.id == second.image.id


@pytest.mark.parametrize(
    "name",
    ["algoreg/no-such-image:1", "127.0.0.1:1/nothing/here:1", "sha256:" + "0" * 64, "x@sha256:" + "0" * 64],
)
def test_an_image_that_is_nowhere(engine: DockerEngine, name: str) -> None:
    with pytest.raises(ImageNotFound) as caught:
        engine.subject(name)
    assert name in caught.value.message
    assert "\n" not in caught.value.message
    assert not engine.has_image(name)


@pytest.mark.parametrize("name", ["", "UPPER:1", "a b", "../x", "x:y:z", "-x"])
def test_what_is_no_name(engine: DockerEngine, name: str) -> None:
    with pytest.raises(UsageError, match="not the name of an image"):
        engine.subject(name)


def test_a_build_is_told_and_tagged(engine: DockerEngine, client: docker.APIClient) -> None:
    builder, said = Builder(engine), list[str]()
    tags = ["algoreg-test/built:1", "algoreg-test/built:second"]
    dockerfile = f"ARG WHAT\nFROM {BASE}\nARG WHAT\nRUN echo building $WHAT"
    identity = engine.build_image(
        builder.context(dockerfile),
        build_args={"WHAT": "that"},
        labels={"a": "b c"},
        tags=tags,
        progress=said.append,
    )
    try:
        assert "building that" in said
        assert {engine.subject(tag).image.id for tag in tags} == {identity}
        assert engine.subject(tags[0]).image.labels["a"] == "b c"
    finally:
        for tag in tags:
            client.remove_image(tag)


@pytest.mark.parametrize(
    ("line", "said"),
    [("RUN echo reason && false", "non-zero"), ("NONSENSE", "NONSENSE"), ("COPY absent /", "absent")],
)
def test_a_build_that_fails_says_why(engine: DockerEngine, line: str, said: str) -> None:
    with pytest.raises(EngineError) as caught:
        Builder(engine)(line)
    assert said.lower() in caught.value.message.lower()
    assert "\n" not in caught.value.message
    if "reason" in line:
        assert "reason" in caught.value.hint


@pytest.mark.parametrize(
    ("lines", "name", "root"),
    [
        ((), "root", True),
        ((), "root:daemon", True),
        ((), "daemon", False),
        ((), "absent", False),
        (("RUN echo toor:x:0:0::/:/bin/sh >>/etc/passwd",), "toor", True),
        (("RUN echo toor:x:000:0::/:/bin/sh >>/etc/passwd",), "toor", True),
        (("RUN mv /etc/passwd /etc/users && ln -s users /etc/passwd",), "root", True),
        (("VOLUME /data /etc/passwd.d",), "root", True),
        (("RUN rm /etc/passwd",), "root", False),
        (("RUN rm /etc/passwd && mkdir /etc/passwd",), "root", False),
        (("RUN truncate -s 3M /etc/passwd",), "root", False),
    ],
)
def test_who_is_root(  # noqa: PLR0917
    engine: DockerEngine, base, build, lines: tuple[str, ...], name: str, root: bool
) -> None:
    subject = build(*lines) if lines else base
    assert engine.user_name_is_root(subject, name) is root
