"""System checks: a setting that cannot work, or is not safe in production, is refused at start."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from chirp.redis.urls import BadRedisUrl, parse

BROKER_SCHEMES = {"redis", "rediss", "redis+socket", "sentinel", "amqp", "amqps", "pyamqp"}
LEAST_KEY_BITS = 2048
HERE = {"localhost", "127.0.0.1", "[::1]", "0.0.0.0"}  # noqa: S104 - a name, not an address to bind


@register(Tags.security)
def secret_key(**_: Any) -> list[CheckMessage]:
    """The secret key is long enough to be one."""
    if len(settings.SECRET_KEY) >= 50 and len(set(settings.SECRET_KEY)) >= 5:
        return []
    return [
        Error(
            "SECRET_KEY is too short to be secret.",
            hint="Set SECRET_KEY to at least 50 random characters, or leave it unset: one is made.",
            id="chirp.E001",
        )
    ]


@register(Tags.security)
def any_host(**_: Any) -> list[CheckMessage]:
    """With HTTPS the site is public: it must know its names."""
    if not settings.HTTPS or "*" not in settings.ALLOWED_HOSTS:
        return []
    return [
        Error(
            "ALLOWED_HOSTS=* lets anyone choose the host name that links are made with.",
            hint="Set ALLOWED_HOSTS to the names of this site, such as chirp.example.",
            id="chirp.E002",
        )
    ]


@register(Tags.security)
def debug(**_: Any) -> list[CheckMessage]:
    """Debug pages show secrets."""
    if not (settings.HTTPS and settings.DEBUG):
        return []
    return [
        Error(
            "DEBUG=1 together with HTTPS=1 would show settings and code to strangers.",
            hint="Unset DEBUG.",
            id="chirp.E003",
        )
    ]


@register()
def database(**_: Any) -> list[CheckMessage]:
    """Only PostgreSQL is supported."""
    if settings.DATABASES["default"]["ENGINE"] == "chirp.db.backend":
        return []
    return [
        Error(
            "DATABASE_URL must point to PostgreSQL.",
            hint="Use postgresql://user:password@host/name, or unset it for the embedded one.",
            id="chirp.E004",
        )
    ]


@register()
def redis_url(**_: Any) -> list[CheckMessage]:
    """Timelines live in Redis or Valkey."""
    try:
        parse(settings.REDIS_URL)
    except BadRedisUrl as error:
        return [
            Error(
                f"REDIS_URL must point to Redis or Valkey: {error}.",
                hint="Use redis://host:6379/0, rediss:// for TLS, unix:///path/to.sock, "
                "redis+sentinel://host,host/service or redis+cluster://host,host.",
                id="chirp.E005",
            )
        ]
    return []


@register()
def broker_url(**_: Any) -> list[CheckMessage]:
    """Web and workers are different processes: a broker in memory would lose every task."""
    if _scheme(settings.CELERY_BROKER_URL) in BROKER_SCHEMES:
        return []
    return [
        Error(
            "CELERY_BROKER_URL must point to Redis, Valkey or RabbitMQ.",
            hint="Use redis://host:6379/1, redis+socket:///path/to.sock or amqp://host//.",
            id="chirp.E006",
        )
    ]


@register(Tags.security)
def host_names(**_: Any) -> list[CheckMessage]:
    """Django compares the bare name: an entry with a scheme, a port or a path never matches."""
    return [
        Error(
            f"ALLOWED_HOSTS has {host!r}, which is no host name and would never match.",
            hint="Give the name alone: chirp.example, without https://, port or slash.",
            id="chirp.E007",
        )
        for host in settings.ALLOWED_HOSTS
        if "/" in host or (":" in host and not (host.startswith("[") and host.endswith("]")))
    ]


@register(Tags.security)
def trusted_origins(**_: Any) -> list[CheckMessage]:
    """Browsers send the bare origin: an entry with a path never matches, silently."""
    return [
        Error(
            f"CSRF_TRUSTED_ORIGINS has {origin!r}, which is no origin.",
            hint="Give scheme and host alone: https://chirp.example, or https://*.chirp.example.",
            id="chirp.E008",
        )
        for origin in settings.CSRF_TRUSTED_ORIGINS
        if not _is_origin(origin)
    ]


@register(Tags.security)
def signing_key(**_: Any) -> list[CheckMessage]:
    """The key that signs access tokens is one, and nobody else's. A missing one is made."""
    path = Path(settings.JWT_KEY_FILE)
    try:
        wrong = _wrong_with_key(path) if path.exists() else None
    except OSError as error:
        wrong = f"cannot be read ({error.strerror})"
    if wrong is None:
        return []
    return [
        Error(
            f"JWT_KEY_FILE: {path} {wrong}.",
            hint="Give an RSA private key (PEM, no password) of at least 2048 bits that only this "
            "service's user can read: openssl genrsa -out jwt.pem 3072; chmod 600 jwt.pem",
            id="chirp.E009",
        )
    ]


@register(Tags.security, deploy=True)
def only_here(**_: Any) -> list[CheckMessage]:
    """A public site that only answers to this machine's names answers nobody."""
    if not settings.HTTPS or not settings.ALLOWED_HOSTS or set(settings.ALLOWED_HOSTS) - HERE:
        return []
    return [
        Warning(
            "HTTPS=1, but ALLOWED_HOSTS only holds names of this machine.",
            hint="Set ALLOWED_HOSTS to the names of this site, such as chirp.example.",
            id="chirp.W001",
        )
    ]


def _scheme(url: str) -> str:
    """The scheme of a URL, or nothing where host and port make no sense."""
    try:
        parts = urlsplit(url)
        return parts.scheme if parts.port != 0 else ""
    except ValueError:  # such as a port of 99999, or a bracket that is not closed
        return ""


def _is_origin(origin: str) -> bool:
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and origin == f"{parts.scheme}://{parts.netloc}"


def _wrong_with_key(path: Path) -> str | None:
    if path.stat().st_mode & 0o007:
        return "is open to every user of this machine"
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return "is no private key in PEM form without a password"
    if not isinstance(key, RSAPrivateKey):
        return "is no RSA key"
    if key.key_size < LEAST_KEY_BITS:
        return f"has only {key.key_size} bits"
    return None
