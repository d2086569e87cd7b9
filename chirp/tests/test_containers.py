"""The image and the compose file: sound in themselves, and held to what script/run does."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from chirp import env
from chirp.run import programs
from chirp.run.options import CHECKOUT

COMPOSE = CHECKOUT / "docker-compose.yml"
SECRETS = {
    "SECRET_KEY": "s" * 50,
    "POSTGRES_PASSWORD": "p" * 20,
    "VALKEY_PASSWORD": "v" * 20,
    "ALLOWED_HOSTS": "chirp.example",
}


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())["services"]
    return found


def check(*command: str, **variables: str) -> None:
    """Run a checker that is installed with the tests' requirements, and expect its approval."""
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


def test_the_dockerfile_is_sound() -> None:
    check("hadolint", "--failure-threshold", "info", "Dockerfile")


def test_the_compose_file_is_what_compose_understands() -> None:
    check("check-jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yml")


def test_the_compose_file_is_tidy() -> None:
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
    reason="docker-compose is not installed, so its refusals DID NOT RUN",
)
@pytest.mark.parametrize("name", SECRETS)
def test_compose_refuses_to_start_without_a_secret(name: str) -> None:
    with pytest.raises(AssertionError, match=r"into \.env"):
        check("docker-compose", "config", "--quiet", **(SECRETS | {name: ""}))


def test_every_setting_reaches_the_containers(services: dict[str, Any]) -> None:
    missing = set(env.DECLARED) - set(services["web"]["environment"])
    assert missing == {"VAR_DIR"}  # the image knows that itself


def test_no_secret_has_a_default(services: dict[str, Any]) -> None:
    for service in services.values():
        for name, value in (service.get("environment") or {}).items():
            if "PASSWORD" in name or "AUTH" in name or "SECRET" in name or name == "ALLOWED_HOSTS":
                assert str(value).startswith("${"), name
                assert ":?" in str(value), name


def test_only_the_web_is_published_and_only_to_this_machine(services: dict[str, Any]) -> None:
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert published == {"web": ["${PUBLISH:-127.0.0.1:8000}:8000"]}


def test_containers_run_the_commands_of_script_run(services: dict[str, Any]) -> None:
    def command(name: str) -> list[str]:
        python, *rest = services[name]["command"]
        assert python == "python"
        return list(rest)

    assert command("relay") == ["manage.py", "relay"]
    assert command("scheduler") == programs.scheduler_command("/app/var/celerybeat-schedule")
    assert command("worker-fanout") == programs.worker_command("fanout", "fanout", 2)
    background = programs.worker_command("background", programs.BACKGROUND_QUEUES, 1)
    assert command("worker-background") == background


def test_the_image_serves_as_script_run_does() -> None:
    instructions = (CHECKOUT / "Dockerfile").read_text().replace("\\\n", " ")
    words = yaml.safe_load(instructions.rpartition("CMD ")[2])
    served = programs.web_command("0.0.0.0:8000", 4)
    assert words == ["python", *(word for word in served if word not in ("--workers", "4"))]


def test_every_process_of_script_run_has_a_container(services: dict[str, Any]) -> None:
    ours = {"postgres", "valkey", "web", "relay", "scheduler", "worker-fanout", "worker-background"}
    assert ours | {"migrate"} == set(services)


def test_what_must_not_get_into_the_image_is_ignored() -> None:
    ignored = (CHECKOUT / ".dockerignore").read_text().splitlines()
    assert {".*", "var", "requirements-embedded.txt"} <= set(ignored)
