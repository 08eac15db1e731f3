"""From an image in a registry to Woken's configuration: a certified one arrives, a rebuilt or expired one does not."""

from __future__ import annotations

import json
import os
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from docker.utils.build import create_archive

from algoreg import contract, schemas
from algoreg.engines.docker import open_docker
from good_images.recipes import TWIN, Images, read
from support.image_registry import ImageRegistry, image_registry
from support.program import Run

__all__ = ["image_registry"]
pytestmark = [pytest.mark.engine, pytest.mark.slow]

HOOK = """\
from pathlib import Path
from algoreg import hookimpl

@hookimpl
def algoreg_algorithms():
    return [Path(__file__).with_name("gated.yaml")]
"""


@dataclass(frozen=True, kw_only=True)
class Gated:
    """A good image of this test alone in a registry, and the plugin that declares it."""

    registry: ImageRegistry
    repository: str
    site: Path
    document: dict[str, Any]

    @property
    def client(self) -> Any:
        return self.registry.client

    @property
    def reference(self) -> str:
        return f"{self.document['image']}:{self.document['version']}"

    @property
    def digest(self) -> str:
        """By which the registry knows it."""
        (found,) = self.client.images.get(self.reference).attrs["RepoDigests"]
        return str(found)

    def build(self, *lines: str) -> str:
        """The id of the image, built (again) under its tag, pushed and pulled."""
        label = json.dumps(self.document)
        files = {"Dockerfile": "\n".join((f"FROM {read(TWIN).reference}", *lines)), "algorithm.json": label}
        with create_archive(str(self.site), [], extra_files=[*files.items()]) as context:
            image, _ = self.client.images.build(
                fileobj=context,
                custom_context=True,
                tag=self.reference,
                labels={contract.METADATA_LABEL: label},
                rm=True,
            )
        self.registry.push(image.id, self.repository, self.document["version"])
        self.client.images.pull(self.document["image"], tag=self.document["version"])
        return str(image.id)

    @property
    def env(self) -> dict[str, str]:
        """With the plugin installed."""
        return {**os.environ, "PYTHONPATH": str(self.site), "PYTHONDONTWRITEBYTECODE": "1"}


@pytest.fixture
def gated(tmp_path: Path, image_registry: ImageRegistry) -> Iterator[Gated]:
    twin = read(TWIN)
    with open_docker(seed=1) as engine:
        Images(engine).build(twin)
    repository = f"algoreg-test/{uuid.uuid4().hex[:12]}"
    # One task, no parameters and no NULL, to be judged in a part of the time
    scope = {"parameters": [], "variables_can_be_null": False, "covariables_can_be_null": False}
    document = {**read("regression_only").document, **scope, "code": "gated"}
    document["image"] = f"{image_registry.address}/{repository}"
    site = tmp_path / "site"
    records = site / "gated-1.0.dist-info"
    records.mkdir(parents=True)
    (site / "gated.py").write_text(HOOK)
    (site / "gated.yaml").write_text(json.dumps(document))
    (records / "METADATA").write_text("Metadata-Version: 2.1\nName: gated\nVersion: 1.0\n")
    (records / "entry_points.txt").write_text("[algoreg]\ngated = gated\n")
    made = Gated(registry=image_registry, repository=repository, site=site, document=document)
    made.build()
    try:
        yield made
    finally:
        made.client.images.remove(made.reference, force=True)


def test_what_conforms_is_exported_and_nothing_else(algoreg: Run, gated: Gated, tmp_path: Path) -> None:
    held, configuration = tmp_path / "certificates", tmp_path / "conf"
    held.mkdir()
    certificate = held / "gated.json"
    export = ("export-conf", "gated", "--output", configuration, "--require-conformant", held)

    done = algoreg(*export, env=gated.env)
    assert (done.code, configuration.exists()) == (1, False)
    assert "has no certificate of it" in done.err
    command = next(line.partition("do: ")[2] for line in done.err.splitlines() if "do: " in line)
    assert command == f"algoreg validate {gated.reference} --certify {certificate}"

    key, allowed = tmp_path / "key", tmp_path / "allowed"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    allowed.write_text(f"ci@example.org {(tmp_path / 'key.pub').read_text()}")
    validate = (*command.split()[1:], "--sign-key", key, "--report", f"json={tmp_path / 'r.json'}")
    done = algoreg(*validate, env=gated.env, timeout=900)
    assert done.code == 0, done.out + done.err
    document = json.loads(certificate.read_text())
    assert schemas.first_problem("certificate", document) is None
    assert (
        f"sha256:{document['subject'][0]['digest']['sha256']}" == gated.client.images.get(gated.reference).id
    )
    asked = ("--report", tmp_path / "r.json", "--image", gated.reference, "--allowed-signers", allowed)
    done = algoreg("verify", certificate, *asked)
    assert (done.code, "not looked at" in done.out) == (0, False), done.out

    assert document["predicate"]["image"]["digest"] == gated.digest
    assert json.loads((tmp_path / "r.json").read_text())["targets"][0]["digest"] == gated.digest
    done = algoreg(*export, "--pin", env=gated.env)
    assert done.code == 0, done.err
    pinned = f"{gated.reference}@{gated.digest.partition('@')[2]}"
    assert f'"{pinned}"' in (configuration / "gated.conf").read_text()

    done = algoreg(*export, "--allowed-signers", allowed, env=gated.env)
    assert done.code == 0, done.err
    assert f'"{gated.reference}"' in (configuration / "gated.conf").read_text()
    written = {path: path.read_bytes() for path in configuration.iterdir()}

    document["predicate"]["expires"] = "2026-01-01T00:00:00Z"
    (held / "gated.json").write_text(json.dumps(document))
    done = algoreg(*export, env=gated.env)
    assert done.code == 1
    assert "expired at 2026-01-01T00:00:00Z" in done.err
    assert f"do: {command}" in done.err

    document["predicate"]["expires"] = "2030-01-01T00:00:00Z"
    (held / "gated.json").write_text(json.dumps(document))
    assert algoreg(*export, "--check", env=gated.env).code == 0
    done = algoreg(*export, "--allowed-signers", allowed, "--format", "json", env=gated.env)
    assert (done.code, [one["lack"] for one in json.loads(done.out)["refused"]]) == (1, ["signature"])
    before = gated.client.images.get(gated.reference).id
    after = gated.build("LABEL again=yes")
    done = algoreg(*export, env=gated.env)
    assert done.code == 1
    for words in (after, before, "built again", f"do: {command}"):
        assert words in done.err
    assert algoreg("verify", certificate, "--image", gated.reference).code == 1

    (held / "broken.json").write_text("{}")
    done = algoreg(*export, env=gated.env)
    assert (done.code, "broken.json is no certificate" in done.err) == (2, True)
    assert {path: path.read_bytes() for path in configuration.iterdir()} == written
