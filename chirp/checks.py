"""System checks: a setting that cannot work, or is not safe in production, is refused at start."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

REDIS_SCHEMES = {"redis", "rediss", "unix"}


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
def hosts(**_: Any) -> list[CheckMessage]:
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


@register(Tags.database)
def database(**_: Any) -> list[CheckMessage]:
    """Only PostgreSQL is supported."""
    if settings.DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
        return []
    return [
        Error(
            "DATABASE_URL must point to PostgreSQL.",
            hint="Use postgresql://user:password@host/name, or leave it unset for the embedded one.",
            id="chirp.E004",
        )
    ]


@register()
def redis_url(**_: Any) -> list[CheckMessage]:
    """Timelines live in Redis or Valkey."""
    if urlsplit(settings.REDIS_URL).scheme in REDIS_SCHEMES:
        return []
    return [
        Error(
            "REDIS_URL must point to Redis or Valkey.",
            hint="Use redis://host:6379/0, rediss:// for TLS, or unix:///path/to.sock.",
            id="chirp.E005",
        )
    ]

