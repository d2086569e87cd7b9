"""Tweets as HTML, cached by everything that it depends on.

That is the tweet as the viewer sees it (web.presenters.tweets.Card), whether there is a signed-in
user, and what rendering depends on besides (web.templating.ambient.Ambient). To most viewers the
same tweet looks the same.
"""

from collections.abc import Iterable
from functools import lru_cache

from django.utils.safestring import SafeString

from web.presenters.tweets import Card
from web.templating.ambient import Ambient
from web.templating.components import component
from web.templating.holes import POSITION_HOLE, Pieces, fill, pieces_of
from web.templating.visit import OpenVisit, Visit


def feed(visit: Visit, cards: Iterable[Card]) -> SafeString:
    """Tweets, one below the other. They are counted over all the lists of a page."""
    signed_in, around, holes = visit.signed_in, visit.ambient, visit.holes
    html = []
    before = int(holes.get(POSITION_HOLE, 0))
    for position, card in enumerate(cards, start=before + 1):
        holes[POSITION_HOLE] = str(position)
        html.append(fill(_pieces(card, signed_in, around), holes))
    return SafeString("".join(html))


@lru_cache(maxsize=4096)  # some ten megabytes; the same tweets are read by many
def _pieces(card: Card, signed_in: bool, around: Ambient) -> Pieces:
    return pieces_of(component("tweet", OpenVisit(signed_in), card))
