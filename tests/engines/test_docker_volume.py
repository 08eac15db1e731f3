"""The volume: what goes in, what comes out, and what an image can put there to harm its reader."""

from __future__ import annotations

import io
import tarfile

import pytest

from algoreg import contract
from algoreg.engines.docker import DockerEngine, volume
from algoreg.engines.protocol import EXTRA_FILES_KEPT_BYTES, EntryKind, Pod
from algoreg.errors import EngineError
from conftest import SMALL, python, shell

pytestmark = pytest.mark.engine


def test_files_go_in_and_come_out(pod: Pod) -> None:
    binary = bytes(range(256)) * 1000
    pod.put({"input_test.json": b"{}", "deep/er/data": binary, "ünï\n \U0001f600": b"", "x" * 200: b"long"})
    ended = shell(pod, "stat -c '%a %n' /docker-volume /docker-volume/* /docker-volume/deep/er/data")
    assert "777 /docker-volume\n" in ended.logs.text
    assert "666 /docker-volume/input_test.json" in ended.logs.text
    assert "777 /docker-volume/deep\n" in ended.logs.text
    snapshot = pod.read()
    assert snapshot.overflow is None
    assert snapshot.files() == {
        "input_test.json": b"{}",
        "deep/er/data": binary,
        "ünï\n \U0001f600": b"",
        "x" * 200: b"long",
    }
    assert snapshot.get("deep/er").kind is EntryKind.DIRECTORY  # type: ignore[union-attr]


def test_every_kind_of_entry_is_told_apart(pod: Pod) -> None:
    program = """
import os, socket
os.chdir("/docker-volume")
os.symlink("/etc/shadow", "link"); os.symlink("..", "up"); os.mkfifo("fifo"); os.mkdir("folder")
open("file", "w").write("x"); os.link("file", "second"); os.chmod("file", 0)
open(b"\\xff\\xfe", "w").write("y"); os.chmod("folder", 0)
socket.socket(socket.AF_UNIX).bind("predictions.json")
"""
    ended = python(pod, program)
    assert ended.exit_code == 0, ended.logs.text
    snapshot = pod.read()
    assert {entry.name: entry.kind for entry in snapshot.entries} == {
        "link": EntryKind.SYMLINK,
        "up": EntryKind.SYMLINK,
        "fifo": EntryKind.FIFO,
        "folder": EntryKind.DIRECTORY,
        "file": EntryKind.FILE,
        "second": EntryKind.FILE,
        "\\xff\\xfe": EntryKind.FILE,
        "predictions.json": EntryKind.SOCKET,
    }
    assert snapshot.files() == {"file": b"x", "second": b"x", "\\xff\\xfe": b"y"}


def test_a_thousand_entries_and_one_more(pod: Pod) -> None:
    shell(pod, "cd /docker-volume && seq 1000 | xargs touch")
    assert (len(pod.read().entries), pod.read().overflow) == (1000, None)
    shell(pod, "touch /docker-volume/zzz")
    assert pod.read().overflow == "more than 1,000 entries"


def test_more_entries_than_there_is_room_for(pod: Pod) -> None:
    shell(pod, "cd /docker-volume && seq 100000 | xargs touch 2>/dev/null")
    assert pod.read().overflow == "more than 1,000 entries"


def test_a_sparse_file_is_read_no_further_than_the_bound(pod: Pod) -> None:
    shell(pod, "truncate -s 2G /docker-volume/predictions.json")
    snapshot = pod.read()
    assert snapshot.overflow is not None
    assert snapshot.entries[0].size == 2 << 30
    assert snapshot.entries[0].content is None


def test_named_files_are_kept_and_others_only_up_to_a_bound(pod: Pod) -> None:
    shell(
        pod, "cd /docker-volume; truncate -s 20M predictions.json; for n in a b c; do truncate -s 6M $n; done"
    )
    snapshot = pod.read()
    assert snapshot.overflow is None
    kept = {name: len(content) for name, content in snapshot.files().items()}
    assert kept == {"predictions.json": 20 << 20, "a": 6 << 20, "b": 6 << 20}
    assert kept["a"] + kept["b"] <= EXTRA_FILES_KEPT_BYTES


def test_folders_deeper_than_a_path_can_name(pod: Pod) -> None:
    program = """
import os
os.chdir("/docker-volume")
for _ in range(500):
    os.mkdir("d" * 200); os.chdir("d" * 200)
"""
    python(pod, program)
    assert pod.read().overflow == "a path longer than 3,500 characters"
    pod.remove("d" * 200)
    assert pod.read().entries == ()


def test_writing_again_replaces_whatever_an_image_left(pod: Pod) -> None:
    shell(
        pod, "cd /docker-volume; ln -s /etc/passwd input_test.json; ln -s /etc a; mkdir -p b/c; touch b/c/d"
    )
    pod.put({"input_test.json": b"1", "a/passwd": b"2", "b": b"3"})
    assert pod.read().files() == {"input_test.json": b"1", "a/passwd": b"2", "b": b"3"}


def test_removing_takes_whatever_is_there(engine: DockerEngine, build) -> None:
    subject = build("USER 10001:10001")
    with engine.laboratory(subject) as laboratory, laboratory.pod(SMALL) as pod:
        shell(
            pod,
            "cd /docker-volume; umask 077;"
            " mkdir -p -- folder/deep -x; touch folder/deep/f -- -x/y; chmod 0 folder/deep;"
            " ln -s /etc link; mkfifo fifo; touch 'a b'",
        )
        for name in ("folder", "-x", "link", "fifo", "a b", "absent"):
            pod.remove(name)
        assert pod.read().entries == ()
        for name in ("a/b", "..", ""):
            with pytest.raises(ValueError, match="top level"):
                pod.remove(name)


def test_nothing_of_one_pod_is_in_the_next(laboratory) -> None:
    with laboratory.pod(SMALL) as pod:
        shell(pod, "touch /docker-volume/x /tmp/x /dev/shm/x")
        assert shell(pod, "ls /tmp /dev/shm").logs.text.split() == ["/dev/shm:", "/tmp:"]
    with laboratory.pod(SMALL) as pod:
        assert pod.read().entries == ()


def _tar(size: int, announced: int | None = None) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name in ("docker-volume/", "docker-volume/predictions.json"):
            entry = tarfile.TarInfo(name)
            entry.type = tarfile.DIRTYPE if name.endswith("/") else tarfile.REGTYPE
            entry.size = size if entry.isreg() else 0
            archive.addfile(entry, io.BytesIO(bytes(size)))
    return buffer.getvalue()


def test_an_archive_that_is_cut_is_no_snapshot() -> None:
    whole = _tar(3000)
    assert volume.unpack([whole[:700], whole[700:]]).files() == {"predictions.json": bytes(3000)}
    for length in (100, 512, 1000, 1500, 2600, 4000):
        with pytest.raises(EngineError, match="volume"):
            volume.unpack([whole[:length]])


def test_the_bound_is_the_contracts() -> None:
    assert volume.unpack([_tar(contract.VOLUME_MAX_BYTES)]).overflow is None
    assert volume.unpack([_tar(contract.VOLUME_MAX_BYTES + 1)]).overflow == "more than 67,108,864 bytes"
