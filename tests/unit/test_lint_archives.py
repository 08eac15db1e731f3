"""Archives of images: every form gives the same facts; what no one should load is refused in one sentence."""

import gzip
import os
import resource
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import image_archives as made
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algoreg.archives import reading
from algoreg.errors import AlgoregError, UsageError
from algoreg.linting import images
from algoreg.linting.images import Known
from algoreg.linting.report import Linted
from algoreg.report import Outcome, Severity, Verdict

FORMS: dict[str, Callable[..., made.Files]] = {
    "docker save": made.docker_save,
    "OCI layout": made.oci_layout,
    "both": made.both,
}


def linted(path: Path) -> list[Linted]:
    return list(images.of_archive(path, "image.tar", Known()))


def failed(one: Linted) -> set[str]:
    return set(one.report(Severity.ERROR).failed())


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
@pytest.mark.parametrize("place", [made.tar_file, made.unpacked], ids=["tar", "folder"])
def test_every_form_gives_the_same_facts(
    form: Callable[..., made.Files], place: Callable[..., Path], tmp_path: Path
) -> None:
    (one,) = reading.images(place(tmp_path, form()))
    assert one.reference is not None
    assert one.reference.text == "algoreg/knn:0.1.0"
    assert one.image.id == made.digest(made.dumped(made.CONFIG))
    assert one.image.entrypoint == ("python", "/main.py")
    assert one.image.user == "10001"
    assert one.image.environment == {"PATH": "/bin"}
    assert (one.image.os, one.image.architecture) == ("linux", "amd64")
    assert one.image.labels == made.LABELS


def test_a_good_archive_passes_and_says_what_it_could_not_see(tmp_path: Path) -> None:
    (one,) = linted(made.tar_file(tmp_path, made.docker_save()))
    report = one.report(Severity.ERROR)
    assert report.verdict is Verdict.PASS
    assert {r.id for r in report.checks if r.outcome is Outcome.SKIP} == {"meta.arch", "meta.match"}
    assert {r.id for r in report.checks if r.id.startswith(("meta.", "sec."))} == {
        *(
            "meta.arch",
            "meta.entrypoint",
            "meta.labels",
            "meta.match",
            "meta.oci",
            "meta.root",
            "meta.schema",
        ),
        *("meta.version", "meta.workdir", "sec.baked-env"),
    }


DEFECTS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "no label": ({"Labels": {}}, {"meta.labels"}),
    "no JSON": ({"Labels": {**made.LABELS, "io.algoreg.metadata": "{"}}, {"meta.labels"}),
    "not the schema": ({"Labels": {**made.LABELS, "io.algoreg.metadata": "{}"}}, {"meta.schema"}),
    "no OCI label": (
        {"Labels": {**made.LABELS, "org.opencontainers.image.source": ""}},
        {"meta.oci"},
    ),
    "nothing to start": ({"Entrypoint": None}, {"meta.entrypoint"}),
    "a kernel's folder": ({"WorkingDir": "/proc/self/fd/8"}, {"meta.workdir"}),
    "root": ({"User": ""}, {"meta.root"}),
    "a credential": ({"Env": ["DB_PASSWORD=hunter2"]}, {"sec.baked-env"}),
    "a pipe": (
        {"Entrypoint": ["/bin/sh", "-c", 'python /main.py "$0" "$@" | tee log']},
        {"entrypoint.exit-code-lost", "entrypoint.no-exec"},
    ),
    "no arguments": (
        {"Entrypoint": ["/bin/sh", "-c", "exec python /main.py"]},
        {"entrypoint.no-arguments"},
    ),
    "true": ({"Entrypoint": ["true"]}, {"entrypoint.exit-code-lost"}),
}


@pytest.mark.parametrize(("changes", "expected"), DEFECTS.values(), ids=DEFECTS.keys())
def test_a_defect_gives_its_own_id(changes: dict[str, Any], expected: set[str], tmp_path: Path) -> None:
    (one,) = linted(made.tar_file(tmp_path, made.both(made.config(**changes))))
    assert failed(one) == expected


def test_the_tag_is_judged_and_every_name_for_itself(tmp_path: Path) -> None:
    tags = ("algoreg/knn:0.1.0", "algoreg/knn:latest")
    found = linted(made.tar_file(tmp_path, made.docker_save(tags=tags)))
    assert [(one.target, failed(one)) for one in found] == [
        ("image.tar (algoreg/knn:0.1.0, linux/amd64)", set()),
        ("image.tar (algoreg/knn:latest, linux/amd64)", {"meta.version"}),
    ]


@pytest.mark.parametrize(
    "files", [made.docker_save(tags=None), made.oci_layout(name=None), made.oci_layout(name="0.1.0")]
)
def test_the_tag_of_an_archive_without_names_is_not_judged(files: made.Files, tmp_path: Path) -> None:
    (one,) = linted(made.tar_file(tmp_path, files))
    assert next(r.outcome for r in one.checks if r.id == "meta.version") is Outcome.SKIP


def test_a_user_name_is_not_judged_without_its_passwd(tmp_path: Path) -> None:
    (one,) = linted(made.tar_file(tmp_path, made.docker_save(made.config(User="worker"))))
    root = next(r for r in one.checks if r.id == "meta.root")
    assert root.outcome is Outcome.SKIP
    assert "worker" in root.findings[0].message


def test_every_platform_is_judged_and_attestations_are_not(tmp_path: Path) -> None:
    files: made.Files = {}
    entries = [
        made.manifest(files),
        made.manifest(files, {**made.config(User="0"), "architecture": "arm64"}),
        {**made.manifest(files, {}), "annotations": {"vnd.docker.reference.type": "attestation-manifest"}},
        {"mediaType": f"{made.OCI}.manifest.v1+json", "digest": f"sha256:{'1' * 64}", "size": 3},
    ]
    inner = {"schemaVersion": 2, "manifests": entries}
    outer = {"mediaType": f"{made.OCI}.index.v1+json", **made.blob(files, made.dumped(inner))}
    outer["annotations"] = {"io.containerd.image.name": "docker.io/library/knn:0.1.0"}
    found = linted(made.tar_file(tmp_path, made.oci(outer, files=files)))
    assert [(one.target, failed(one)) for one in found] == [
        ("image.tar (knn:0.1.0, linux/amd64)", set()),
        ("image.tar (knn:0.1.0, linux/arm64)", {"meta.root"}),
    ]


def test_layers_that_images_share_are_links_in_old_archives(tmp_path: Path) -> None:
    files = {name: data for name, data in made.docker_save().items() if name != "0a/layer.tar"}
    link = made.member("0a/layer.tar", type=tarfile.SYMTYPE, linkname="../0b/layer.tar")
    assert len(reading.images(made.tar_file(tmp_path, files, link))) == 1


# What is refused --------------------------------------------------------------------------------------------


def without(files: made.Files, *parts: str) -> made.Files:
    return {name: data for name, data in files.items() if not any(part in name for part in parts)}


def with_config(data: bytes) -> made.Files:
    """A configuration of these bytes, under its right digest."""
    name = f"{made.digest(data).removeprefix('sha256:')}.json"
    entry = {"Config": name, "RepoTags": None, "Layers": []}
    return {name: data, "manifest.json": made.dumped([entry])}


def nested(levels: int) -> made.Files:
    files: made.Files = {}
    entry = made.manifest(files)
    for _ in range(levels):
        index = made.dumped({"manifests": [entry]})
        entry = {"mediaType": f"{made.OCI}.index.v1+json", **made.blob(files, index)}
    return made.oci(entry, files=files)


def forged() -> made.Files:
    files = made.oci_layout()
    name = next(name for name, data in files.items() if b"Entrypoint" in data)
    return {**files, name: files[name].replace(b"10001", b"10002")}


def two_tales() -> made.Files:
    other = made.docker_save(made.config(User="0"))
    return {**made.oci_layout(), **other}


REFUSED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "tar"),
    "no archive": (b"hello" * 400, "tar"),
    "a gzip file": (gzip.compress(made.packed(made.docker_save())), "compressed"),
    "a zstd file": (b"\x28\xb5\x2f\xfd" + bytes(100), "compressed"),
    "another archive": (made.packed({"README": b"hello"}), "neither index.json nor manifest.json"),
    "cut off": (made.packed(made.oci_layout())[:-11_000], "incomplete|neither|tar|cut off"),
    "no configuration": (
        made.packed(without(made.docker_save(), ".json") | {"manifest.json": b"[]"}),
        "no image",
    ),
    "a configuration that is not there": (
        made.packed({n: d for n, d in made.docker_save().items() if len(n) < 64}),
        "not there",
    ),
    "no layer": (made.packed(without(made.docker_save(), "layer")), "incomplete"),
    "half a layer": (
        made.packed({n: (d[:2] if d == b"layer" else d) for n, d in made.oci_layout().items()}),
        "incomplete",
    ),
    "a forged configuration": (made.packed(forged()), "digest"),
    "two tales": (made.packed(two_tales()), "readers would differ"),
    "a path out of it": (made.packed(made.docker_save(), made.member("../../etc/passwd", b"x")), "leads out"),
    "an absolute path": (made.packed(made.docker_save(), made.member("/etc/passwd", b"x")), "leads out"),
    "the same member twice": (made.packed(made.docker_save(), made.member("manifest.json", b"[]")), "twice"),
    "the same member under two spellings": (
        made.packed(made.docker_save(), made.member("./0a/../manifest.json", b"[]")),
        "twice",
    ),
    "a link for a configuration": (
        made.packed(
            {n: d for n, d in made.docker_save().items() if len(n) < 64},
            made.member(
                next(n for n in made.docker_save() if len(n) > 64),
                type=tarfile.SYMTYPE,
                linkname="/etc/passwd",
            ),
        ),
        "not there",
    ),
    "not JSON": (made.packed({"manifest.json": b"{"}), "JSON"),
    "a key twice": (made.packed({"manifest.json": b'[{"Config": "a", "Config": "b"}]'}), "twice"),
    "deep JSON": (made.packed({"manifest.json": b"[" * 5000 + b"]" * 5000}), "nested"),
    "huge JSON": (made.packed({"manifest.json": b" " * (5 << 20)}), "at most"),
    "no list": (made.packed({"manifest.json": b"5"}), "array"),
    "no entries": (made.packed({"manifest.json": b"[5]"}), "object"),
    "a configuration by path": (
        made.packed({"manifest.json": made.dumped([{"Config": "../../etc/passwd"}])}),
        "no digest",
    ),
    "a configuration that is a list": (made.packed(with_config(b"[]")), "object"),
    "an environment that is a number": (made.packed(with_config(made.dumped(made.config(Env=5)))), "array"),
    "a label that is a list": (
        made.packed(with_config(made.dumped(made.config(Labels={"a": []})))),
        "text",
    ),
    "an entrypoint of numbers": (made.packed(with_config(made.dumped(made.config(Entrypoint=[1])))), "text"),
    "a digest that is none": (
        made.packed(made.oci({"digest": "sha256:../../x", "size": 1}, files={})),
        "digest",
    ),
    "indexes within indexes": (made.packed(nested(8)), "indexes"),
    "a header of megabytes": (
        made.packed(
            {},
            made.member("x", b"2000018 comment=" + b"x" * 2_000_001 + b"\n", type=tarfile.XHDTYPE),
            *(made.member(name, content) for name, content in made.docker_save().items()),
        ),
        "a header of",
    ),
}


@pytest.mark.parametrize(("data", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_what_no_one_should_load_is_refused(data: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(data)
    with pytest.raises(UsageError, match=f"image.tar.*({words})") as refused:
        reading.images(path)
    assert "\n" not in refused.value.message
    assert refused.value.hint


def test_links_in_a_folder_are_not_followed(tmp_path: Path) -> None:
    root = made.unpacked(tmp_path, made.oci_layout())
    index = root / "index.json"
    index.rename(tmp_path / "elsewhere.json")
    index.symlink_to(tmp_path / "elsewhere.json")
    with pytest.raises(UsageError, match="neither"):
        reading.images(root)


def test_a_linked_folder_is_not_entered(tmp_path: Path) -> None:
    root = made.unpacked(tmp_path, made.oci_layout())
    (root / "blobs").rename(tmp_path / "elsewhere")
    (root / "blobs").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="not there"):
        reading.images(root)


def test_a_pipe_in_a_folder_is_not_waited_for(tmp_path: Path) -> None:
    root = made.unpacked(tmp_path, made.oci_layout())
    (root / "index.json").unlink()
    os.mkfifo(root / "index.json")
    with pytest.raises(UsageError, match="neither"):
        reading.images(root)


def test_a_layer_is_never_read(tmp_path: Path) -> None:
    """A layer of four gigabytes that takes no room: it is sought over, whatever it would decompress to."""
    files = made.docker_save()
    path = tmp_path / "image.tar"
    info, _ = made.member("0a/layer.tar")
    info.size = 4 << 30
    rest = made.packed(without(files, "layer"))
    with path.open("wb") as stream:
        stream.write(info.tobuf(tarfile.GNU_FORMAT))
        stream.seek(info.size, os.SEEK_CUR)
        stream.write(rest)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert len(reading.images(path)) == 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(sorted(FORMS)),
    st.lists(st.tuples(st.integers(0, 12_000), st.binary(min_size=1, max_size=4)), max_size=6),
    st.integers(0, 14_000),
)
def test_a_damaged_archive_is_refused_or_read_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, form: str, damage: list[tuple[int, bytes]], kept: int
) -> None:
    data = bytearray(made.packed(FORMS[form]()))
    for position, bytes_ in damage:
        data[position : position + len(bytes_)] = bytes_
    path = tmp_path_factory.mktemp("damaged") / "image.tar"
    path.write_bytes(bytes(data[: kept + 2000]))
    try:
        found = reading.images(path)
    except AlgoregError:
        return
    assert all(one.image.id == made.digest(made.dumped(made.CONFIG)) for one in found)
