"""How large the body of a request may be: settings.BODY_LIMITS, by the path."""

from django.conf import settings


def body_limit(path: str) -> int:
    """The most bytes that a body for this path may have.

    The first entry that matches: a path that ends with a slash stands for all paths below it, and
    others only for themselves.
    """
    for prefix, most in settings.BODY_LIMITS:
        if path == prefix or (prefix.endswith("/") and path.startswith(prefix)):
            return int(most)
    return 0
