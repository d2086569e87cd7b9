"""System checks: a setting that cannot work, or is unsafe in production, prevents the start."""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from chirp.redis.urls import BadRedisUrl, parse

BROKER_SCHEMES = {"redis", "rediss", "redis+socket", "sentinel", "amqp", "amqps", "pyamqp"}
MIN_KEY_BITS = 2048
SMTP = "django.core.mail.backends.smtp.EmailBackend"
LOCAL = {"localhost", "127.0.0.1", "[::1]", "0.0.0.0"}  # noqa: S104 - a name, not an address to bind


@register(Tags.security)
def secret_key(**_: Any) -> list[CheckMessage]:
    """SECRET_KEY is long and varied enough."""
    if len(settings.SECRET_KEY) >= 50 and len(set(settings.SECRET_KEY)) >= 5:
        return []
    return [
        Error(
            "SECRET_KEY is too short to be secret.",
            hint="Set SECRET_KEY to at least 50 random characters, or unset it to generate one.",
            id="chirp.E001",
        )
    ]


@register(Tags.security)
def any_host(**_: Any) -> list[CheckMessage]:
    """A site with HTTPS is public, so ALLOWED_HOSTS must list its names."""
    if not settings.HTTPS or "*" not in settings.ALLOWED_HOSTS:
        return []
    return [
        Error(
            "ALLOWED_HOSTS=* lets any client choose the host name in the site's links.",
            hint="Set ALLOWED_HOSTS to the names of this site, such as chirp.example.",
            id="chirp.E002",
        )
    ]


@register(Tags.security)
def debug(**_: Any) -> list[CheckMessage]:
    """DEBUG is off on a public site: debug pages show secrets."""
    if not (settings.HTTPS and settings.DEBUG):
        return []
    return [
        Error(
            "DEBUG=1 together with HTTPS=1 would show settings and code to every visitor.",
            hint="Unset DEBUG.",
            id="chirp.E003",
        )
    ]


@register(Tags.security)
def single_sign_on(**_: Any) -> list[CheckMessage]:
    """A provider of single sign-on has a name for this site, and is asked over HTTPS."""
    if not settings.OIDC_ISSUER:
        return []
    parts = urlsplit(settings.OIDC_ISSUER)
    is_safe = parts.scheme == "https" or (parts.hostname in LOCAL and not settings.HTTPS)
    if is_safe and parts.hostname and settings.OIDC_CLIENT_ID:
        return []
    return [
        Error(
            "Single sign-on cannot work: OIDC_ISSUER must be an https:// address, and needs "
            "OIDC_CLIENT_ID.",
            hint="Take both from your provider. Its discovery document names the issuer.",
            id="chirp.E010",
        )
    ]


@register()
def database(**_: Any) -> list[CheckMessage]:
    """The database is PostgreSQL, the only one that is supported."""
    if settings.DATABASES["default"]["ENGINE"] == "chirp.db.backend":
        return []
    return [
        Error(
            "DATABASE_URL must point to PostgreSQL.",
            hint="Use postgresql://user:password@host/name, or unset it for the embedded server.",
            id="chirp.E004",
        )
    ]


@register()
def replicas(**_: Any) -> list[CheckMessage]:
    """The replicas are PostgreSQL, each is another server, and none is the primary."""
    where = [_server(each) for each in settings.DATABASE_REPLICAS]
    problem = ""
    if any(each["ENGINE"] != "chirp.db.backend" for each in settings.DATABASE_REPLICAS):
        problem = "has an address that is not PostgreSQL's"
    elif _server(settings.DATABASES["default"]) in where:
        problem = "has the address of DATABASE_URL, which is the primary"
    elif len(set(where)) < len(where):
        problem = "has one address more than once"
    if not problem:
        return []
    return [
        Error(
            f"DATABASE_REPLICA_URLS {problem}.",
            hint="Give the addresses of streaming replicas, separated by commas: "
            "postgresql://user:password@one.example/name,postgresql://...",
            id="chirp.E012",
        )
    ]


@register()
def redis_url(**_: Any) -> list[CheckMessage]:
    """REDIS_URL names a Redis or Valkey, which holds the timelines."""
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
    """The broker is a server: web and workers are processes that share no in-memory broker."""
    if _scheme(settings.CELERY_BROKER_URL) in BROKER_SCHEMES:
        return []
    return [
        Error(
            "CELERY_BROKER_URL must point to Redis, Valkey or RabbitMQ.",
            hint="Use redis://host:6379/1, redis+socket:///path/to.sock or amqp://host//.",
            id="chirp.E006",
        )
    ]


@register()
def otlp_endpoint(**_: Any) -> list[CheckMessage]:
    """The collector of traces is an HTTP server, and the packages for it are installed."""
    if not settings.OTLP_ENDPOINT:
        return []
    problems: list[CheckMessage] = []
    if _scheme(settings.OTLP_ENDPOINT) not in {"http", "https"}:
        text = "OTLP_ENDPOINT must be the URL of a collector that speaks OTLP over HTTP."
        hint = "Use http://host:4318, without /v1/traces."
        problems.append(Error(text, hint=hint, id="chirp.E012"))
    if find_spec("opentelemetry") is None:
        text = "OTLP_ENDPOINT needs packages that are not installed."
        hint = "pip install --requirement requirements-traces.txt"
        problems.append(Error(text, hint=hint, id="chirp.E013"))
    return problems


@register(Tags.security)
def host_names(**_: Any) -> list[CheckMessage]:
    """ALLOWED_HOSTS has bare names only: an entry with a scheme, port or path never matches."""
    return [
        Error(
            f"ALLOWED_HOSTS has {host!r}, which is not a host name and would never match.",
            hint="Give only the name: chirp.example, without https://, port or slash.",
            id="chirp.E007",
        )
        for host in settings.ALLOWED_HOSTS
        if "/" in host or (":" in host and not (host.startswith("[") and host.endswith("]")))
    ]


@register(Tags.security)
def trusted_origins(**_: Any) -> list[CheckMessage]:
    """CSRF_TRUSTED_ORIGINS has bare origins: browsers send no path to compare with."""
    return [
        Error(
            f"CSRF_TRUSTED_ORIGINS has {origin!r}, which is not an origin.",
            hint="Give only scheme and host: https://chirp.example, or https://*.chirp.example.",
            id="chirp.E008",
        )
        for origin in settings.CSRF_TRUSTED_ORIGINS
        if not _is_origin(origin)
    ]


@register(Tags.security)
def signing_key(**_: Any) -> list[CheckMessage]:
    """The key that signs access tokens is valid and private. A missing one is generated later."""
    problem = _file_problem(Path(settings.JWT_KEY_FILE), _rsa_problem)
    if problem is None:
        return []
    return [
        Error(
            f"JWT_KEY_FILE: {settings.JWT_KEY_FILE} {problem}.",
            hint="Use an RSA private key (PEM, no password) of at least 2048 bits that only this "
            "service's user can read: openssl genrsa -out jwt.pem 3072; chmod 600 jwt.pem",
            id="chirp.E009",
        )
    ]


@register(Tags.security)
def push_key(**_: Any) -> list[CheckMessage]:
    """The site's key for push services is valid and private. A missing one is generated later."""
    problem = _file_problem(Path(settings.VAPID_KEY_FILE), _p256_problem)
    if problem is None:
        return []
    return [
        Error(
            f"VAPID_KEY_FILE: {settings.VAPID_KEY_FILE} {problem}.",
            hint="Use a private key of the curve P-256 (PEM, no password) that only this service's "
            "user can read: openssl ecparam -name prime256v1 -genkey -noout -out vapid.pem; "
            "chmod 600 vapid.pem",
            id="chirp.E011",
        )
    ]


@register(Tags.security, deploy=True)
def only_local_hosts(**_: Any) -> list[CheckMessage]:
    """ALLOWED_HOSTS of a public site has a name by which other machines can reach it."""
    if not settings.HTTPS or not settings.ALLOWED_HOSTS or set(settings.ALLOWED_HOSTS) - LOCAL:
        return []
    return [
        Warning(
            "HTTPS=1, but ALLOWED_HOSTS has only local names of this machine.",
            hint="Set ALLOWED_HOSTS to the names of this site, such as chirp.example.",
            id="chirp.W001",
        )
    ]


@register(Tags.security, deploy=True)
def links_in_emails(**_: Any) -> list[CheckMessage]:
    """A site that sends e-mail knows the address that their links lead to."""
    url = settings.SITE_URL
    leads_here = _is_origin(url) and f"{urlsplit(url).hostname}" not in {*LOCAL, "::1"}
    if settings.EMAIL_BACKEND != SMTP or leads_here:
        return []
    return [
        Warning(
            "EMAIL_URL is set, but SITE_URL is not an address that others can open.",
            hint="Set SITE_URL to the address of the site, such as https://chirp.example.",
            id="chirp.W002",
        )
    ]


def _server(database: dict[str, Any]) -> tuple[str, str]:
    return str(database["HOST"]), str(database["PORT"] or 5432)


def _scheme(url: str) -> str:
    """The scheme of a URL, or an empty string if its host or port is invalid."""
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


def _file_problem(path: Path, of_key: Callable[[Any], str | None]) -> str | None:
    """What is wrong with the key file, if it exists, as the end of a sentence, or None."""
    try:
        return _key_problem(path, of_key) if path.exists() else None
    except OSError as error:
        return f"cannot be read ({error.strerror})"


def _key_problem(path: Path, of_key: Callable[[Any], str | None]) -> str | None:
    if path.stat().st_mode & 0o007:
        return "is open to every user of this machine"
    try:
        return of_key(load_pem_private_key(path.read_bytes(), password=None))
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return "is not a private key in PEM form without a password"


def _rsa_problem(key: Any) -> str | None:
    if not isinstance(key, RSAPrivateKey):
        return "is not an RSA key"
    return f"has only {key.key_size} bits" if key.key_size < MIN_KEY_BITS else None


def _p256_problem(key: Any) -> str | None:
    is_right = isinstance(key, EllipticCurvePrivateKey) and isinstance(key.curve, SECP256R1)
    return None if is_right else "is not a key of the curve P-256"
