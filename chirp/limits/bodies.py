"""How large the body of a request may be: settings.BODY_LIMITS, by the beginning of the path."""

from django.conf import settings


def body_limit(path: str) -> int:
    """The most bytes that a body for this path may have: of the longest prefix that is listed."""
    for prefix, most in settings.BODY_LIMITS:
        if path.startswith(prefix):
            return int(most)
    return 0
