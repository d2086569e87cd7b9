"""Pieces of pages that are rendered once, and remembered by everything that they show.

Navigation, composer and the side column took more of a page's time than its tweets. A piece sees
nothing but what it is remembered by, so nobody gets what was made for somebody else. What differs
at every request is left open in it and filled in last.
"""

from collections.abc import Hashable, Mapping
from functools import lru_cache

from django.template.loader import render_to_string
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

# No text of a person's holds NUL, which PostgreSQL does not keep: nobody can write such a hole.
CSRF_HOLE, HERE_HOLE = "\0csrf\0", "\0here\0"


def fragment(
    template: str, /, *, csrf_token: object = "", here: str = "", **seen: Hashable
) -> SafeString:
    """What `template` makes of `seen`: neither the request nor who asks is there by itself.

    In it `{% csrf_token %}` and `{% here %}` are as in every other template.
    """
    return fill(_render(template, **seen), {CSRF_HOLE: csrf_token, HERE_HOLE: here})


def fill(html: str, holes: Mapping[str, object]) -> SafeString:
    """The piece with its holes closed. Values are escaped unless they are marked as safe."""
    for hole, value in holes.items():
        if hole in html:
            html = html.replace(hole, conditional_escape(str(value)))
    return mark_safe(html)  # noqa: S308


@lru_cache(maxsize=4096)
def _render(template: str, **seen: Hashable) -> str:
    return render_to_string(template, {**seen, "csrf_token": CSRF_HOLE, "here": HERE_HOLE})
