"""The address of an invitation."""

from urllib.parse import urlencode

from django.urls import reverse


def invitation_path(code: str) -> str:
    """Return the path of the page that an invitation leads to. No log of the site has queries."""
    return f"{reverse('register')}?{urlencode({'invitation': code})}"
