"""Kubernetes and Compose read our manifests as they are meant: valid, hardened, and no text becomes another."""

import re
from dataclasses import replace
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from algoreg import contract
from algoreg.errors import UsageError
from algoreg.export.jobs import compose, kubernetes, yamltext
from algoreg.export.jobs.model import ScheduledJob, Volume
from algoreg.model import Resources
from algoreg.samples.sample import Column, Sample

SECRETS = {"IN_PASSWORD": "in $(A) ${B} $$", "IN_JDBC_PASSWORD": "in $(A) ${B} $$"}
SECRETS |= {"OUT_PASSWORD": "out", "OUT_JDBC_PASSWORD": "out"}
JOB = ScheduledJob(
    name="demo_78be29d9_bc05_4db2_a2e0_c3de218960bc",
    image="example/demo:1.2.0",
    command="train",
    arguments=("--mode", "$(HOME)"),
    environment={"JOB_ID": "78", "PARAM_query": 'SELECT "$$a" $(B) ${C} FROM t', **SECRETS},
    resources=Resources(cpus=0.5, memory_mb=512, timeout_s=600.5),
    volumes=(Volume(host_path="/srv/algoreg/3f6c"),),
)
SAMPLE = Sample(
    table="patients",
    order_column="position",
    variable=Column(
        code="dx", label="Diagnosis", type="polynominal", sql_type="text", enumerations=(("AD", "AD"),)
    ),
    covariables=(
        Column(code="Order-1", label="$(x)", type="real", sql_type="double precision"),
        Column(code="9lives", label="n", type="integer", sql_type="integer"),
    ),
    rows=(),
    held_out=(),
)
texts = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=30) | st.text(
    "$(){}ABab_\\ :#'\"", max_size=12
)
variables = st.dictionaries(st.from_regex("[A-Z_]{1,8}", fullmatch=True), texts, max_size=6)


def expanded(text: str) -> str:
    """As the kubelet does it, with no variable defined: ``$$`` is one dollar, ``$(NAME)`` its value."""
    return re.sub(r"\$(\$|\(([^)]*)\))", lambda found: "$" if found[1] == "$" else f"<{found[2]}>", text)


def interpolated(text: str, known: dict[str, str]) -> str:
    """As Compose does it: ``$$`` is one dollar, ``$NAME`` and ``${NAME:?...}`` a variable."""

    def one(found: re.Match[str]) -> str:
        return "$" if found[0] == "$$" else known[found[1] or found[2]]

    return re.sub(r"\$\$|\$\{([A-Z_]+)(?::\?[^}]*)?\}|\$([A-Za-z_]\w*)", one, text)


def loaded(text: str) -> list[Any]:
    return list(yaml.safe_load_all(text))


def pod(job: ScheduledJob) -> dict[str, Any]:
    (manifest,) = loaded(kubernetes.text(job, passwords=False))
    inner: dict[str, Any] = manifest["spec"]["template"]["spec"]
    return inner


@pytest.mark.parametrize(
    "job",
    [
        JOB,
        replace(JOB, volumes=(), arguments=(), command="compute"),
        replace(JOB, volumes=(Volume(host_path="/3f6c", claim="data"),), owner="a@b", host="agent-1"),
        replace(JOB, volumes=(Volume(host_path="/srv/x", read_only=True),), run_as_user="1000"),
    ],
)
@pytest.mark.parametrize("position", [0, -1])
def test_manifests_keep_the_schemas_of_kubernetes(job: ScheduledJob, position: int) -> None:
    import kubernetes_validate

    chosen = kubernetes_validate.utils.all_versions()[position]
    manifests = loaded(kubernetes.text(job, passwords=True))
    assert [one["kind"] for one in manifests] == ["Secret", "Job"]
    for manifest in manifests:
        kubernetes_validate.validate(manifest, chosen, strict=True)
    manifests[1]["spec"]["template"]["spec"]["restartpolicy"] = "Never"
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(manifests[1], chosen, strict=True)


def test_a_pod_is_hardened_and_runs_once() -> None:
    (manifest,) = loaded(kubernetes.text(JOB, passwords=False))
    assert manifest["spec"]["backoffLimit"] == 0
    assert manifest["spec"]["activeDeadlineSeconds"] == 601
    inner = pod(JOB)
    assert inner["restartPolicy"] == "Never"
    assert inner["automountServiceAccountToken"] is False
    assert inner["enableServiceLinks"] is False
    assert inner["securityContext"]["runAsNonRoot"] is True
    assert inner["securityContext"]["runAsUser"] > 0
    assert inner["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    (container,) = inner["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "privileged": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["resources"]["limits"] == {"cpu": "500m", "memory": "512Mi"}
    assert "command" not in container  # it would replace the ENTRYPOINT
    mounts = {one["mountPath"]: one["name"] for one in container["volumeMounts"]}
    assert set(mounts) == {"/tmp", contract.VOLUME}
    sources = {one["name"]: one for one in inner["volumes"]}
    assert sources[mounts[contract.VOLUME]]["hostPath"] == {"path": "/srv/algoreg/3f6c", "type": "Directory"}


def test_a_claim_holds_directories_of_experiments() -> None:
    inner = pod(replace(JOB, volumes=(Volume(host_path="/x/3f6c", claim="data"),)))
    assert inner["volumes"][1]["persistentVolumeClaim"] == {"claimName": "data"}
    assert inner["containers"][0]["volumeMounts"][1]["subPath"] == "x/3f6c"


def test_passwords_of_a_manifest_are_a_secrets() -> None:
    text = kubernetes.text(JOB, passwords=False)
    assert "in $" not in text
    keys = {
        one["name"]: one["valueFrom"]["secretKeyRef"]
        for one in pod(JOB)["containers"][0]["env"]
        if "valueFrom" in one
    }
    secret, manifest = loaded(kubernetes.text(JOB, passwords=True))
    assert set(keys) == set(SECRETS)
    for name, reference in keys.items():
        assert reference["name"] == secret["metadata"]["name"] == manifest["metadata"]["name"]
        assert secret["stringData"][reference["key"]] == SECRETS[name]


@given(environment=variables, arguments=st.lists(texts, max_size=3))
def test_no_text_of_a_pod_becomes_another(environment: dict[str, str], arguments: list[str]) -> None:
    job = replace(JOB, environment=environment, arguments=tuple(arguments))
    (container,) = pod(job)["containers"]
    assert {one["name"]: expanded(one["value"]) for one in container["env"]} == environment
    assert [expanded(one) for one in container["args"]] == ["train", *arguments]


@pytest.mark.parametrize("user", ["root", "0", "-1", "me", "99999999999", ""])
def test_a_pod_never_runs_as_root_or_as_a_name(user: str) -> None:
    with pytest.raises(UsageError, match="a number is needed"):
        kubernetes.document(replace(JOB, run_as_user=user))


DNS_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


@given(st.lists(st.text("abXY019_.-é", min_size=1, max_size=80), min_size=2, max_size=6, unique=True))
def test_labels_are_dns_labels_and_differ(names: list[str]) -> None:
    labels = [kubernetes.label(name) for name in names]
    assert all(DNS_LABEL.fullmatch(label) for label in labels)
    unclear = {name.replace("_", "-") for name in names}
    assert len(set(labels)) >= len(unclear)


@pytest.mark.parametrize("length", [63, 64, 200])
def test_long_names_are_cut_and_still_differ(length: int) -> None:
    labels = {kubernetes.label("a" * length + end) for end in ("", "b", "c", "_")}
    assert all(DNS_LABEL.fullmatch(label) for label in labels)
    assert len(labels) == 4


def test_a_plain_name_stays_readable() -> None:
    assert kubernetes.label(JOB.name) == "demo-78be29d9-bc05-4db2-a2e0-c3de218960bc"


AMBIGUOUS = [
    "yes",
    "No",
    "on",
    "y",
    "null",
    "~",
    "1e3",
    "0x1f",
    "0o17",
    "010",
    "1_000",
    "12:30:00",
    "2026-01-01",
]


@pytest.mark.parametrize(
    "text", [*AMBIGUOUS, ".inf", "=", "<<", "- a", "a: b", "", " ", "@a", "a\nb", "\u2028"]
)
def test_a_text_is_a_text_in_any_yaml(text: str) -> None:
    written = yamltext.dump([{"value": text}])
    assert re.fullmatch(r'value: "[^\n]*"\n', written)
    assert loaded(written) == [{"value": text}]


def composed(job: ScheduledJob = JOB, *, passwords: bool = False) -> dict[str, Any]:
    (file,) = loaded(compose.text(job, SAMPLE, passwords=passwords))
    document: dict[str, Any] = file
    return document


def test_a_compose_file_refers_only_to_what_it_has() -> None:
    file = composed()
    assert set(file) == {"name", "services", "networks", "volumes", "configs"}
    assert set(file["services"]) == {"science", "results", "algorithm"}
    for service in file["services"].values():
        assert set(service["networks"]) <= set(file["networks"])
        assert {one["source"] for one in service.get("configs", ())} <= set(file["configs"])
        assert set(service.get("depends_on", ())) <= set(file["services"])
        named = {one["source"] for one in service.get("volumes", ()) if one["type"] == "volume"}
        assert named <= set(file["volumes"])
    assert file["networks"]["databases"]["internal"] is True


def test_every_service_of_a_compose_file_is_hardened() -> None:
    services = composed()["services"]
    for service in services.values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["restart"] == "no"
        assert "ports" not in service
        assert "privileged" not in service
    algorithm = services["algorithm"]
    assert (algorithm["cpus"], algorithm["mem_limit"], algorithm["pids_limit"]) == (0.5, "512m", 256)
    assert algorithm["mem_limit"] == algorithm["memswap_limit"]
    assert "entrypoint" not in algorithm
    assert algorithm["volumes"] == [
        {"type": "bind", "source": "/srv/algoreg/3f6c", "target": contract.VOLUME, "read_only": False}
    ]


def test_passwords_of_a_compose_file_are_asked_for() -> None:
    known = {"IN_PASSWORD": "one", "OUT_PASSWORD": "two", "POSTGRES_PASSWORD": "three"}
    services = composed()["services"]
    told = {name: interpolated(value, known) for name, value in services["algorithm"]["environment"].items()}
    assert {name: told[name] for name in SECRETS} == {
        "IN_PASSWORD": "one",
        "IN_JDBC_PASSWORD": "one",
        "OUT_PASSWORD": "two",
        "OUT_JDBC_PASSWORD": "two",
    }
    with pytest.raises(KeyError):
        interpolated(services["science"]["environment"]["IN_PASSWORD"], {})
    given_ = composed(passwords=True)["services"]
    for service in ("science", "algorithm"):
        assert interpolated(given_[service]["environment"]["IN_PASSWORD"], {}) == SECRETS["IN_PASSWORD"]


@given(environment=variables, arguments=st.lists(texts, max_size=3))
def test_no_text_of_a_compose_file_becomes_another(environment: dict[str, str], arguments: list[str]) -> None:
    job = replace(JOB, environment=environment, arguments=tuple(arguments))
    service = composed(job)["services"]["algorithm"]
    assert {name: interpolated(value, {}) for name, value in service["environment"].items()} == environment
    assert [interpolated(one, {}) for one in service["command"]] == ["train", *arguments]


def test_the_databases_have_the_tables_of_the_job() -> None:
    configs = {name: interpolated(one["content"], {}) for name, one in composed()["configs"].items()}
    science, results = configs["science"], configs["results"]
    assert (
        'CREATE TABLE "patients" ("position" integer PRIMARY KEY, "dx" text, "order_1" double precision, '
        '"_9lives" integer);'
    ) in science
    assert 'GRANT SELECT ON "patients" TO science_reader;' in science
    assert "GRANT SELECT, INSERT ON job_result TO results_writer;" in results
    assert "PRIMARY KEY (job_id, shape, result_name, node)" in results
    for text, key in ((science, "IN_PASSWORD"), (results, "OUT_PASSWORD")):
        assert text.startswith(f"\\getenv password {key}\n")
        assert "LOGIN PASSWORD :'password';" in text
        assert "SUPERUSER" not in text


def test_a_job_finds_the_databases_of_its_compose_file() -> None:
    services = composed()["services"]
    for address in compose.ADDRESSES.values():
        service = services[address.host]
        assert service["environment"]["POSTGRES_DB"] == address.database
        config = composed()["configs"][service["configs"][0]["source"]]["content"]
        assert f"CREATE ROLE {address.user} LOGIN" in config
