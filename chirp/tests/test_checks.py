"""System checks: each reports a wrong setting with a hint, and otherwise returns nothing."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.conf import settings as real_settings
from django.core.checks import CheckMessage
from pytest_django import Settings

from chirp import checks, secrets

Check = Callable[..., list[CheckMessage]]
POSTGRES = "chirp.db.backend"
WRONG: list[tuple[Check, str, dict[str, Any]]] = [
    (checks.secret_key, "chirp.E001", {"SECRET_KEY": "changeme"}),
    (checks.secret_key, "chirp.E001", {"SECRET_KEY": "x" * 60}),
    (checks.any_host, "chirp.E002", {"HTTPS": True, "ALLOWED_HOSTS": ["chirp.example", "*"]}),
    (checks.debug, "chirp.E003", {"HTTPS": True, "DEBUG": True}),
    (
        checks.database,
        "chirp.E004",
        {"DATABASES": {"default": {"ENGINE": "django.db.backends.sqlite3"}}},
    ),
    *(
        (checks.single_sign_on, "chirp.E010", {"OIDC_CLIENT_ID": "chirp", **wrong})
        for wrong in (
            {"OIDC_ISSUER": "http://id.example"},
            {"OIDC_ISSUER": "https://"},
            {"OIDC_ISSUER": "https://id.example", "OIDC_CLIENT_ID": ""},
            {"OIDC_ISSUER": "http://127.0.0.1:9000", "HTTPS": True},
        )
    ),
    (checks.redis_url, "chirp.E005", {"REDIS_URL": "localhost:6379"}),
    (checks.redis_url, "chirp.E005", {"REDIS_URL": "memcached://localhost"}),
    (checks.redis_url, "chirp.E005", {"REDIS_URL": "redis://localhost:99999/0"}),
    (checks.redis_url, "chirp.E005", {"REDIS_URL": "redis://[::1/0"}),
    (checks.broker_url, "chirp.E006", {"CELERY_BROKER_URL": "memory://"}),
    (checks.broker_url, "chirp.E006", {"CELERY_BROKER_URL": "filesystem://"}),
    (checks.otlp_endpoint, "chirp.E012", {"OTLP_ENDPOINT": "collector:4318"}),
    (checks.broker_url, "chirp.E006", {"CELERY_BROKER_URL": "redis://localhost:0"}),
    (checks.host_names, "chirp.E007", {"ALLOWED_HOSTS": ["https://chirp.example"]}),
    (checks.host_names, "chirp.E007", {"ALLOWED_HOSTS": ["chirp.example:443"]}),
    (checks.host_names, "chirp.E007", {"ALLOWED_HOSTS": ["chirp.example/"]}),
    (checks.trusted_origins, "chirp.E008", {"CSRF_TRUSTED_ORIGINS": ["chirp.example"]}),
    (checks.trusted_origins, "chirp.E008", {"CSRF_TRUSTED_ORIGINS": ["https://chirp.example/"]}),
    (checks.trusted_origins, "chirp.E008", {"CSRF_TRUSTED_ORIGINS": ["ftp://chirp.example"]}),
    (checks.trusted_origins, "chirp.E008", {"CSRF_TRUSTED_ORIGINS": ["https://[chirp"]}),
    (
        checks.only_local_hosts,
        "chirp.W001",
        {"HTTPS": True, "ALLOWED_HOSTS": ["localhost", "[::1]"]},
    ),
    *(
        (checks.links_in_emails, "chirp.W002", {"EMAIL_BACKEND": checks.SMTP, "SITE_URL": url})
        for url in ("http://127.0.0.1:8000", "https://[::1]", "chirp.example", "https://[chirp")
    ),
]
RIGHT: list[tuple[Check, dict[str, Any]]] = [
    (checks.secret_key, {"SECRET_KEY": "0123456789" * 5}),
    (checks.any_host, {"HTTPS": False, "ALLOWED_HOSTS": ["*"]}),
    (checks.any_host, {"HTTPS": True, "ALLOWED_HOSTS": ["chirp.example"]}),
    (checks.debug, {"HTTPS": False, "DEBUG": True}),
    (checks.debug, {"HTTPS": True, "DEBUG": False}),
    (checks.database, {"DATABASES": {"default": {"ENGINE": POSTGRES}}}),
    (checks.single_sign_on, {"OIDC_ISSUER": "https://id.example/x", "OIDC_CLIENT_ID": "chirp"}),
    (checks.single_sign_on, {"OIDC_ISSUER": "http://127.0.0.1:9000", "OIDC_CLIENT_ID": "chirp"}),
    (checks.redis_url, {"REDIS_URL": "redis://:secret@[::1]:6379/0"}),
    (checks.redis_url, {"REDIS_URL": "rediss://cache.example"}),
    (checks.redis_url, {"REDIS_URL": "unix:///run/valkey.sock?db=1"}),
    (checks.broker_url, {"CELERY_BROKER_URL": "redis+socket:///run/valkey.sock?virtual_host=1"}),
    (checks.otlp_endpoint, {"OTLP_ENDPOINT": ""}),
    (checks.otlp_endpoint, {"OTLP_ENDPOINT": "https://collector.example:4318"}),
    (checks.broker_url, {"CELERY_BROKER_URL": "amqp://chirp:secret@queue.example:5672//"}),
    (checks.host_names, {"ALLOWED_HOSTS": ["chirp.example", ".chirp.example", "[::1]", "*"]}),
    (checks.host_names, {"ALLOWED_HOSTS": []}),
    (checks.trusted_origins, {"CSRF_TRUSTED_ORIGINS": []}),
    (
        checks.trusted_origins,
        {"CSRF_TRUSTED_ORIGINS": ["https://chirp.example", "http://*.chirp.example:8000"]},
    ),
    (checks.only_local_hosts, {"HTTPS": False, "ALLOWED_HOSTS": ["localhost"]}),
    (checks.only_local_hosts, {"HTTPS": True, "ALLOWED_HOSTS": ["localhost", "chirp.example"]}),
    (
        checks.links_in_emails,
        {"EMAIL_BACKEND": checks.SMTP, "SITE_URL": "https://chirp.example"},
    ),
    (checks.links_in_emails, {"EMAIL_BACKEND": "console", "SITE_URL": "http://127.0.0.1:8000"}),
]


def apply(settings: Settings, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(settings, name, value)


@pytest.mark.parametrize(("check", "id_", "values"), WRONG)
@pytest.mark.filterwarnings("ignore:Overriding setting DATABASES")
def test_a_wrong_setting_is_reported(
    settings: Settings, check: Check, id_: str, values: dict[str, Any]
) -> None:
    apply(settings, values)
    (message,) = check()
    assert message.id == id_
    assert message.hint, "the report says what to do"


@pytest.mark.parametrize(("check", "values"), RIGHT)
@pytest.mark.filterwarnings("ignore:Overriding setting DATABASES")
def test_a_right_setting_is_not_reported(
    settings: Settings, check: Check, values: dict[str, Any]
) -> None:
    apply(settings, values)
    assert check() == []


# --- The signing key ----------------------------------------------------------------------------


def pem(key: Any, *, password: bytes | None = None) -> bytes:
    """A private key as the contents of a file."""
    data: bytes = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(password)
        if password
        else serialization.NoEncryption(),
    )
    return data


def rsa_key(bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def public_pem() -> bytes:
    return (
        rsa_key(2048)
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


@pytest.fixture
def key_file(settings: Settings, tmp_path: Path) -> Path:
    settings.JWT_KEY_FILE = tmp_path / "jwt.pem"
    return tmp_path / "jwt.pem"


def test_a_missing_signing_key_is_not_reported(key_file: Path) -> None:
    assert checks.signing_key() == []


def test_a_generated_signing_key_is_not_reported(key_file: Path) -> None:
    secrets.jwt_private_key(key_file)
    assert checks.signing_key() == []


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o440])
def test_the_group_may_read_the_signing_key(key_file: Path, mode: int) -> None:
    secrets.jwt_private_key(key_file)
    key_file.chmod(mode)
    assert checks.signing_key() == []


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o602, 0o601])
def test_a_signing_key_open_to_other_users_is_refused(key_file: Path, mode: int) -> None:
    secrets.jwt_private_key(key_file)
    key_file.chmod(mode)
    (message,) = checks.signing_key()
    assert message.id == "chirp.E009"
    assert "open to every user" in message.msg


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: b"", "not a private key"),
        (lambda: b"not a key\n", "not a private key"),
        (public_pem, "not a private key"),
        (lambda: pem(rsa_key(2048), password=b"secret"), "without a password"),
        (lambda: pem(ec.generate_private_key(ec.SECP256R1())), "not an RSA key"),
        (lambda: pem(rsa_key(1024)), "only 1024 bits"),
    ],
)
def test_a_file_that_is_not_a_signing_key_is_refused(
    key_file: Path, make: Callable[[], bytes], reason: str
) -> None:
    key_file.write_bytes(make())
    key_file.chmod(0o600)
    (message,) = checks.signing_key()
    assert message.id == "chirp.E009"
    assert reason in message.msg


def test_an_unreadable_signing_key_is_refused(key_file: Path) -> None:
    key_file.mkdir(mode=0o700)
    (message,) = checks.signing_key()
    assert "cannot be read" in message.msg


def test_a_file_that_is_no_key_for_push_services_is_refused(tmp_path: Path, settings: Any) -> None:
    path = settings.VAPID_KEY_FILE = tmp_path / "vapid.pem"
    assert checks.push_key() == []
    secrets.vapid_private_key(path)
    assert checks.push_key() == []
    for key in (rsa_key(2048), ec.generate_private_key(ec.SECP384R1())):
        path.write_bytes(pem(key))
        (message,) = checks.push_key()
        assert (message.id, "not a key of the curve P-256" in message.msg) == ("chirp.E011", True)


# --- From the command line ----------------------------------------------------------------------


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `manage.py` with only PATH, VAR_DIR and the given variables in the environment."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=real_settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], "VAR_DIR": str(real_settings.VAR_DIR), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_default_settings_pass() -> None:
    result = manage("check", "--fail-level", "WARNING")
    assert (result.returncode, result.stderr) == (0, ""), result.stderr


def test_a_production_site_passes_the_deployment_check_without_output() -> None:
    result = manage(
        "check", "--deploy", "--fail-level", "DEBUG", HTTPS="1", ALLOWED_HOSTS="chirp.example"
    )
    assert (result.returncode, result.stderr) == (0, ""), result.stderr


def test_without_https_the_deployment_check_warns_of_that_alone() -> None:
    result = manage("check", "--deploy")
    warnings = {line.split()[1] for line in result.stderr.splitlines() if line.startswith("?:")}
    assert result.returncode == 0
    assert warnings == {"(security.W004)", "(security.W008)", "(security.W012)", "(security.W016)"}


@pytest.mark.parametrize(
    ("environment", "text"),
    [
        ({"DATABASE_URL": "sqlite:///chirp.db"}, "DATABASE_URL must point to PostgreSQL"),
        ({"DATABASE_REPLICA_URLS": "sqlite:///chirp.db"}, "is not PostgreSQL's"),
        (
            {
                "DATABASE_URL": "postgresql://db/x",
                "DATABASE_REPLICA_URLS": "postgresql://db:5432/x",
            },
            "has the address of DATABASE_URL",
        ),
        ({"DATABASE_REPLICA_URLS": "postgresql://a/x,postgresql://a/x"}, "more than once"),
        ({"CSRF_TRUSTED_ORIGINS": "chirp.example"}, "which is not an origin"),
        ({"CELERY_BROKER_URL": "memory://"}, "CELERY_BROKER_URL must point to"),
        ({"SECRET_KEY": "secret"}, "SECRET_KEY is too short"),
    ],
)
def test_a_wrong_setting_prevents_the_start(environment: dict[str, str], text: str) -> None:
    result = manage("check", **environment)
    assert result.returncode == 1
    assert text in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("environment", "text"),
    [
        ({"HOME_TTL_DAYS": "soon"}, "HOME_TTL_DAYS='soon': expected a whole number"),
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL='loud': expected one of"),
        ({"DATABASE_URL": "postgresql://chirp:hunter2@db:x/chirp"}, "DATABASE_URL"),
        ({"DATABASE_URL": "nonsense://chirp:hunter2@db/chirp"}, "DATABASE_URL"),
        ({"DATABASE_REPLICA_URLS": "postgresql://c:hunter2@db:x/c"}, "DATABASE_REPLICA_URLS"),
    ],
)
def test_an_unreadable_setting_is_reported_in_one_line(
    environment: dict[str, str], text: str
) -> None:
    result = manage("check", **environment)
    assert result.returncode == 1
    assert text in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert "hunter2" not in result.stderr
