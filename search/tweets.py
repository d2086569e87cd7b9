"""Search for tweets."""

from django.db.models.functions import Lower

from accounts.models import User
from chirp.pagination import Page, PageRequest
from filters.models import Context
from search import lexemes
from search.candidates import Bounds, Found
from search.query import ME, Kind, Query, parse
from search.stems import query_stems
from tweets.read.facts import Facts
from tweets.read.filtered import Sieve
from tweets.read.lists import is_readable, loader
from tweets.read.paging import FilteredList

NAMING = (Kind.FROM, Kind.TO, Kind.MENTION)


def search_tweets(*, viewer: User | None, query: str, page: PageRequest) -> Page[Facts]:
    """Return the tweets that a query finds, newest first. Raises BadQuery.

    Everyone finds public tweets; a viewer also finds other tweets that they may see: their own,
    those of accounts that they follow, and those that answer or mention them. A tweet that was
    posted or edited in the last seconds may not be found yet.
    """
    asked = parse(query)
    accounts = _accounts(asked, viewer)
    words = [token for term in asked.terms if len(term.tokens) == 1 for token in term.tokens]
    stems = query_stems(words, language=asked.language)
    condition = lexemes.condition(asked, accounts=accounts, stems=stems)
    if condition is None:
        return Page([])
    viewer_id = viewer.pk if viewer else None
    found = Found(
        condition,
        Bounds.of(asked.since, asked.until),
        viewer_id,
        lexemes.phrases(asked, accounts=accounts),
    )
    load = loader(viewer, is_readable, Sieve.of(viewer, Context.PUBLIC))
    return FilteredList(found, load).page(page)


def _accounts(query: Query, viewer: User | None) -> dict[str, int]:
    """Return the ids of the accounts that the query names, by handle in lower case."""
    handles = {term.value for term in query.terms if term.kind in NAMING}
    if not handles:
        return {}
    active = User.objects.active().annotate(handle_lower=Lower("handle"))
    found = dict(active.filter(handle_lower__in=handles).values_list("handle_lower", "pk"))
    return found | ({ME: viewer.pk} if viewer and ME in handles else {})
