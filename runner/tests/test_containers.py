"""The image and the compose file: they are valid, and agree with script/run."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from chirp import env
from herd import settings
from runner import programs
from runner.embedded.postgres import DISCREET_SETTINGS, STATISTICS_SETTINGS
from runner.options import CHECKOUT

COMPOSE = CHECKOUT / "docker-compose.yml"
SECRETS = {
    "SECRET_KEY": "s" * 50,
    "POSTGRES_PASSWORD": "p" * 20,
    "VALKEY_PASSWORD": "v" * 20,
    "HERD_KEY": "h" * 32,
    "ALLOWED_HOSTS": "chirp.example",
}
HERD = "/app/deploy/herd.compose.toml"
# Settings with a name like a secret's that most sites do without.
OPTIONAL = {"OIDC_CLIENT_SECRET", "PASSWORD_SIGN_IN", "SECRET_KEY_FALLBACKS"}


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())["services"]
    return found


def check(*command: str, **variables: str) -> None:
    """Run a checker from the tests' requirements. Fails the test if the checker finds a problem."""
    program = shutil.which(command[0], path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    assert program, f"{command[0]} is missing: install requirements-dev.txt"
    result = subprocess.run(
        [program, *command[1:]],
        cwd=CHECKOUT,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_dockerfile_has_no_problems() -> None:
    check("hadolint", "--failure-threshold", "info", "Dockerfile")


def test_the_compose_file_matches_its_schema() -> None:
    check("check-jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yml")


def test_the_compose_file_has_no_style_problems() -> None:
    rules = "{line-length: {max: 120}, document-start: disable, empty-values: disable}"
    check("yamllint", "--strict", "-d", f"{{extends: default, rules: {rules}}}", COMPOSE.name)


@pytest.mark.skipif(
    shutil.which("docker-compose") is None,
    reason="docker-compose is not installed, so its own check of docker-compose.yml DID NOT RUN",
)
def test_compose_itself_accepts_the_file() -> None:
    check("docker-compose", "config", "--quiet", **SECRETS)


@pytest.mark.skipif(
    shutil.which("docker-compose") is None,
    reason="docker-compose is not installed, so the test of missing secrets DID NOT RUN",
)
@pytest.mark.parametrize("name", SECRETS)
def test_compose_refuses_to_start_without_a_secret(name: str) -> None:
    with pytest.raises(AssertionError, match=r"into \.env"):
        check("docker-compose", "config", "--quiet", **(SECRETS | {name: ""}))


def test_every_setting_reaches_the_containers(services: dict[str, Any]) -> None:
    missing = set(env.DECLARED) - set(services["web"]["environment"])
    assert missing == {"VAR_DIR"}  # set in the image


def test_chirp_is_not_the_superuser_of_the_database(services: dict[str, Any]) -> None:
    database = services["postgres"]
    assert database["environment"]["POSTGRES_USER"] == "postgres"
    assert services["web"]["environment"]["DATABASE_URL"].startswith("postgresql://chirp:")
    assert "./deploy/postgres:/docker-entrypoint-initdb.d:ro" in database["volumes"]


def test_it_logs_and_collects_what_the_embedded_server_does(services: dict[str, Any]) -> None:
    for name, value in (DISCREET_SETTINGS | STATISTICS_SETTINGS).items():
        assert f"{name}={value}" in services["postgres"]["command"]


def test_no_secret_has_a_default(services: dict[str, Any]) -> None:
    for service in services.values():
        for name, value in (service.get("environment") or {}).items():
            secret = any(word in name for word in ("PASSWORD", "AUTH", "SECRET", "HERD_KEY"))
            if secret or name == "ALLOWED_HOSTS":
                if name in OPTIONAL:
                    assert value is None, name  # passed on if it is there
                    continue
                assert str(value).startswith("${"), name
                assert ":?" in str(value), name


def test_only_the_web_and_the_herd_are_published_and_only_to_this_machine(
    services: dict[str, Any],
) -> None:
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert published.pop("web") == ["${PUBLISH:-127.0.0.1:8000}:8000"]
    assert published == {
        f"herd-{name.lower()}": [f"${{HERD_PUBLISH:-127.0.0.1}}:{port}:{port}"]
        for name, port in client_ports_of_the_herd().items()
    }


def test_containers_run_the_commands_of_script_run(services: dict[str, Any]) -> None:
    def command(name: str) -> list[str]:
        python, *rest = services[name]["command"]
        assert python == "python"
        return list(rest)

    relay, *also_scheduler = programs.relay_command(schedule="/app/var/celerybeat-schedule")[1:]
    assert command("relay") == ["manage.py", relay]
    assert command("stream") == [*programs.STREAM_COMMAND, "--bind", "0.0.0.0:8000"]
    assert command("scheduler")[-2:] == also_scheduler  # in a container of its own
    assert command("worker-fanout") == programs.worker_command("fanout", "fanout", 2)
    background = programs.worker_command("background", programs.BACKGROUND_QUEUES, 1)
    assert command("worker-background") == background


def test_the_image_runs_the_web_command_of_script_run() -> None:
    instructions = (CHECKOUT / "Dockerfile").read_text().replace("\\\n", " ")
    words = yaml.safe_load(instructions.rpartition("CMD ")[2])
    served = programs.web_command("0.0.0.0:8000", 4)
    assert words == ["python", *(word for word in served if word not in ("--workers", "4"))]


def test_every_process_of_script_run_has_a_container(services: dict[str, Any]) -> None:
    workers = {"worker-fanout", "worker-background"}
    site = {"postgres", "valkey", "web", "stream", "relay", "scheduler", *workers}
    herd = {f"herd-{name.lower()}" for name in settings.load(settings.DEFAULT).servers}
    assert site | herd | {"migrate"} == set(services)


# --- The herd ------------------------------------------------------------------------------------


def herd_file() -> Path:
    """The settings file of the herd in containers, in this checkout."""
    return CHECKOUT / Path(HERD).relative_to("/app")


def client_ports_of_the_herd() -> dict[str, int]:
    return {name: s.clients.port for name, s in settings.load(herd_file()).servers.items()}


def test_the_herd_in_containers_is_the_same_as_in_script_run() -> None:
    script_run, containers = settings.load(settings.DEFAULT), settings.load(herd_file())
    assert containers.links == script_run.links
    assert containers.limits == script_run.limits
    assert containers.chirp == "http://web:8000"
    assert list(containers.servers) == list(script_run.servers)
    for name, server in containers.servers.items():
        for key in settings.ADDRESSES:
            address: settings.Address = getattr(server, key)
            assert address.host == f"herd-{name.lower()}"
            assert address.port == getattr(script_run.servers[name], key).port


@pytest.mark.parametrize("name", settings.load(settings.DEFAULT).servers)
def test_every_server_of_the_herd_has_a_container(services: dict[str, Any], name: str) -> None:
    service = services[f"herd-{name.lower()}"]
    assert service["hostname"] == f"herd-{name.lower()}", "the settings have this host name"
    python, *command = service["command"]
    assert python == "python"
    assert command[:3] == ["-m", "herd", name]
    assert command[3] == "--chirp-host"
    assert command[4].startswith("${ALLOWED_HOSTS:?")
    assert service["healthcheck"]["test"] == ["CMD", "python", "-m", "herd.alive", name]
    assert set(service["environment"]) == {"HERD_KEY", "HERD_SETTINGS"}, "no database passwords"
    assert service["environment"]["HERD_SETTINGS"] == HERD
    assert service["volumes"] == ["herd:/app/var/herd"]
    assert "depends_on" not in service


def test_the_web_has_the_settings_of_the_herd_but_not_its_key(services: dict[str, Any]) -> None:
    known = services["web"]["environment"]
    assert (known["HERD"], known["HERD_SETTINGS"]) == ("1", HERD)
    assert "HERD_KEY" not in known


# --- Health --------------------------------------------------------------------------------------


def seconds(length: str) -> int:
    assert length.endswith("s")
    return int(length.removesuffix("s"))


def test_a_dead_container_is_unhealthy_within_ten_seconds(services: dict[str, Any]) -> None:
    """Workers are excepted, as their check takes a second of CPU time; /status reports them."""
    checked = {name: s.get("healthcheck") for name, s in services.items()}
    for name in ("worker-fanout", "worker-background"):
        assert "inspect ping" in checked.pop(name)["test"][1]
    assert [name for name, c in checked.items() if c is None] == [
        "web",
        "stream",
    ], "the image has its own"
    for name, check in checked.items():
        if check is not None and not check.get("disable"):
            waits = seconds(check["interval"]) + seconds(check["timeout"])
            assert waits * check["retries"] <= 10, name


def test_the_image_is_unhealthy_within_ten_seconds() -> None:
    words = (CHECKOUT / "Dockerfile").read_text().partition("HEALTHCHECK ")[2].split()
    found = dict(word.removeprefix("--").split("=") for word in words[:4])
    waits = seconds(found["interval"]) + seconds(found["timeout"])
    assert waits * int(found["retries"]) <= 10


def test_private_files_are_kept_out_of_the_image() -> None:
    ignored = (CHECKOUT / ".dockerignore").read_text().splitlines()
    assert {".*", "var", "requirements-embedded.txt"} <= set(ignored)


# --- Kubernetes ---------------------------------------------------------------------------------

MANIFESTS = CHECKOUT / "deploy" / "kubernetes" / "chirp.yaml"


def manifests(kind: str) -> dict[str, Any]:
    """The manifests of a kind, by name."""
    found = yaml.safe_load_all(MANIFESTS.read_text())
    return {each["metadata"]["name"]: each for each in found if each["kind"] == kind}


def pods() -> dict[str, Any]:
    """What each part runs as."""
    parts = manifests("Deployment") | manifests("Job")
    return {name: part["spec"]["template"]["spec"] for name, part in parts.items()}


def test_the_manifests_match_the_schemas_of_kubernetes() -> None:
    check("kubernetes-validate", "--strict", str(MANIFESTS))


def test_pods_run_the_commands_of_the_containers(services: dict[str, Any]) -> None:
    web = [
        word for word in programs.web_command("0.0.0.0:8000", 2) if word not in ("--workers", "2")
    ]
    for name, pod in pods().items():
        (container,) = pod["containers"]
        expected = services[name].get("command") or ["python", *web]
        schedule = "/app/var/schedule/celerybeat-schedule"  # the rest of var is read-only
        assert container["command"] == [
            schedule if "celerybeat" in word else word for word in expected
        ], name


def test_pods_have_every_key_and_may_read_it(services: dict[str, Any]) -> None:
    """They cannot make keys of their own, and Chirp refuses one that everybody can read."""
    (config,) = manifests("ConfigMap").values()
    keys = {name for name in env.DECLARED if name.endswith("_KEY_FILE")}
    assert keys == {name for name in services["web"]["environment"] if name in keys}
    for name in keys:
        assert Path(config["data"][name]).parent == Path("/run/secrets/chirp")
        assert f"--from-file={Path(config['data'][name]).name}" in MANIFESTS.read_text()
    for name, pod in pods().items():
        (secret,) = (volume["secret"] for volume in pod["volumes"] if "secret" in volume)
        assert secret["defaultMode"] == 0o440, name
        mounts = {mount["mountPath"] for mount in pod["containers"][0]["volumeMounts"]}
        assert "/run/secrets/chirp" in mounts


def test_pods_that_hang_are_started_again(tmp_path: Path) -> None:
    for name, pod in pods().items():
        if name == "migrate":
            continue
        probe = pod["containers"][0]["livenessProbe"]
        command = probe.get("exec", {}).get("command", [""])[-1]
        if "heartbeat" not in command:
            continue
        file = tmp_path / f"{name}-one.heartbeat"
        check = ["sh", "-c", command.replace("/app/var/metrics", str(tmp_path))]
        for age, lives in ((0, True), (60, False)):
            file.touch()
            os.utime(file, (time.time() - age,) * 2)
            assert (subprocess.run(check, check=False).returncode == 0) is lives, name


def test_prometheus_is_told_where_pods_have_their_metrics() -> None:
    for name, part in manifests("Deployment").items():
        notes = part["spec"]["template"]["metadata"]["annotations"]
        (container,) = part["spec"]["template"]["spec"]["containers"]
        ports = {port["name"]: port["containerPort"] for port in container["ports"]}
        assert notes["prometheus.io/scrape"] == "true"
        assert int(notes["prometheus.io/port"]) == ports.get("metrics", ports.get("http")), name


def test_pods_are_confined() -> None:
    for pod in pods().values():
        assert pod["securityContext"]["runAsNonRoot"]
        assert pod["automountServiceAccountToken"] is False
        for container in pod["containers"]:
            confined = container["securityContext"]
            assert confined["readOnlyRootFilesystem"]
            assert confined["capabilities"] == {"drop": ["ALL"]}
            assert "memory" in container["resources"]["limits"]


def test_what_watches_and_scales_names_a_part() -> None:
    parts = manifests("Deployment")
    for kind in ("Service", "PodDisruptionBudget"):
        for each in manifests(kind).values():
            selector = each["spec"]["selector"]
            assert selector.get("matchLabels", selector)["part"] in parts
    for each in manifests("HorizontalPodAutoscaler").values():
        name = each["spec"]["scaleTargetRef"]["name"]
        assert "replicas" not in parts[name]["spec"], "each apply would undo the scaling"
    assert parts["scheduler"]["spec"]["strategy"]["type"] == "Recreate"
    assert manifests("PodDisruptionBudget").keys() == parts.keys() - {"scheduler"}
    assert manifests("Job")["migrate"]["metadata"]["labels"]["part"] == "migrate"


def test_manifests_name_settings() -> None:
    (config,) = manifests("ConfigMap").values()
    assert set(config["data"]) <= set(env.DECLARED)
