"""Pieces of pages that are rendered once, and remembered by everything that they depend on.

Navigation, composer and the side column would take more of a page's time than its tweets. A piece
sees nothing but its key, so no viewer gets what was made for another. What differs at every request
is a hole in the piece (web/templating/holes.py).
"""

from collections.abc import Hashable
from functools import lru_cache

from django.utils.safestring import SafeString
from jinja2 import pass_context
from jinja2.runtime import Context

from web.templating.ambient import Ambient, ambient
from web.templating.components import component
from web.templating.holes import Pieces, fill, pieces_of
from web.templating.visit import OpenVisit, Visit


def fragment(name: str, visit: Visit, /, **seen: Hashable) -> SafeString:
    """What the component `name` makes of `seen`, out of the cache where it was made before.

    As its first argument the component gets a visit that says whether there is a signed-in user,
    and has holes for the rest.
    """
    return fill(_pieces(name, visit.signed_in, visit.ambient, **seen), visit.holes)


@lru_cache(maxsize=4096)
def _pieces(name: str, signed_in: bool, around: Ambient, /, **seen: Hashable) -> Pieces:
    return pieces_of(component(name, OpenVisit(signed_in), **seen))


@pass_context
def fixed(context: Context, name: str) -> SafeString:
    """The HTML of a component that shows nothing of its surroundings, not even the visit."""
    visit: Visit | None = context.get("visit")
    return _fixed(name, visit.ambient if visit else ambient())


@lru_cache(maxsize=256)
def _fixed(name: str, around: Ambient) -> SafeString:
    return component(name)
