"""What templates need to show files: their addresses, and which part of a picture matters."""

from django.urls import get_script_prefix

from media.selectors import Address

STEPS = 10  # classes of components/media.css in each direction


def media_url(address: Address) -> str:
    """The path of a file."""
    return get_script_prefix() + address.url


def focus(x: float, y: float) -> str:
    """The classes of media.css for a focal point: no styles are allowed within pages."""
    across, down = round((x + 1) / 2 * STEPS), round((1 - y) / 2 * STEPS)
    return f"fx-{across} fy-{down}"
