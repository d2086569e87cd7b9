"""Where uploads are stored, as a URL: a directory, or a bucket behind the API of S3. No Django."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

LINK_SECONDS = 300  # for which a link into a bucket works
FILES = {"file_permissions_mode": 0o600, "directory_permissions_mode": 0o700}
S3_SCHEMES = {"s3": "https", "s3+http": "http"}
EXPECTED = "file:///directory, or s3://KEY:SECRET@HOST/BUCKET (s3+http:// without TLS)"


class BadStorageUrl(ValueError):
    """The URL names no storage. The text does not show it: it may hold a secret."""


def storage(url: str) -> dict[str, Any]:
    """Return the entry of Django's STORAGES for a URL. Raises BadStorageUrl."""
    try:
        parts = urlsplit(url)
        if parts.scheme == "file":
            return _directory(unquote(parts.path))
        if parts.scheme in S3_SCHEMES:
            return _bucket(url)
    except ValueError:  # such as a port that is no number
        pass
    raise BadStorageUrl(EXPECTED)


def origin(url: str) -> str | None:
    """Return the origin that browsers are sent to for files in a bucket; None for a directory."""
    parts = urlsplit(url)
    scheme = S3_SCHEMES.get(parts.scheme)
    return scheme and f"{scheme}://{parts.netloc.rpartition('@')[2]}"


def _directory(path: str) -> dict[str, Any]:
    if not Path(path).is_absolute():
        raise BadStorageUrl(EXPECTED)
    options = {"location": path, **FILES}
    return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}


def _bucket(url: str) -> dict[str, Any]:
    from botocore.config import Config  # a third of a second, which only sites with a bucket spend

    parts = urlsplit(url)
    bucket = parts.path.strip("/")
    _ = parts.port  # raises ValueError for what is none
    if not (parts.hostname and bucket and parts.username and parts.password) or "/" in bucket:
        raise BadStorageUrl(EXPECTED)
    options = {
        "endpoint_url": origin(url),
        "access_key": unquote(parts.username),
        "secret_key": unquote(parts.password),
        "bucket_name": bucket,
        "region_name": dict(parse_qsl(parts.query)).get("region", "us-east-1"),
        "querystring_expire": LINK_SECONDS,
        "default_acl": None,
        "file_overwrite": True,
        "client_config": Config(
            signature_version="s3v4",
            s3={"addressing_style": "path"},
            connect_timeout=2,
            read_timeout=20,
            retries={"max_attempts": 2},
            # Not every server knows the checksums that boto3 adds otherwise.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
