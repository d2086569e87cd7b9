"""The empty composer above the home timeline: rendered once for each user.

Django's forms take longer for six fields than the database for a page of tweets.
"""

from functools import lru_cache

from django.utils.safestring import SafeString

from people.suggestions import Person
from web.forms.tweets import ComposeForm, new_key
from web.presenters.people import person_of
from web.templating.ambient import Ambient
from web.templating.components import component
from web.templating.holes import Pieces, fill, pieces_of
from web.templating.visit import OpenVisit, Visit

KEY_HOLE = "\0key\0"


def empty_composer(visit: Visit, *, next: str) -> SafeString:
    """A composer for the signed-in user, who goes to `next` when the tweet is out."""
    assert visit.viewer is not None
    pieces = _pieces(person_of(visit.viewer), visit.viewer.quotes_from, next, visit.ambient)
    visit.holes[KEY_HOLE] = new_key()
    return fill(pieces, visit.holes)


@lru_cache(maxsize=1024)
def _pieces(writer: Person, quotes_from: str, next: str, around: Ambient) -> Pieces:
    form = ComposeForm(initial={"key": KEY_HOLE}).preset(quotes_from)
    return pieces_of(component("composer", OpenVisit(signed_in=True), form, writer, next))
