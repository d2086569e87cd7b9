"""What rendering depends on besides its arguments."""

from typing import NamedTuple

from django.urls import get_script_prefix
from django.utils import timezone, translation

from web.templating.site import site_name


class Ambient(NamedTuple):
    """Part of the key of all cached HTML."""

    language: str
    time_zone: str
    script_prefix: str
    site_name: str


def ambient() -> Ambient:
    """The active language and time zone, and where the site is mounted."""
    return Ambient(
        translation.get_language() or "",
        timezone.get_current_timezone_name(),
        get_script_prefix(),
        site_name(),
    )
