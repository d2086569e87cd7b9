"""Everything that changes tweets. Edits, marks and moderation are in modules of their own."""

from dataclasses import dataclass

from django.db import transaction

from accounts.locks import lock_account
from accounts.models import User
from chirp import ids
from chirp.errors import ChirpError, NotAllowed
from outbox.services import publish
from tweets import mentions_and_tags, places
from tweets.counts import count_tweet
from tweets.events import TweetPosted
from tweets.models import Tweet
from tweets.places import NewPlace, Place
from tweets.read.access import BlockedByYou, may_share, original_of
from tweets.read.facts import Facts
from tweets.read.hydrate import hydrate
from tweets.visibility import VALUES, Visibility


class BadVisibility(ChirpError):
    """No such audience."""

    message = f"Must be one of {', '.join(VALUES)}."
    field = "visibility"


class UnknownReference(ChirpError):
    """A reply to, or a quote of, something that is not there or not theirs to see."""

    message = "There is no such tweet."


class CannotQuote(NotAllowed):
    """Its audience is smaller than that of a quote could be."""

    message = "Only what everybody may see can be quoted."
    field = "quote_of_id"


@dataclass(frozen=True, slots=True)
class References:
    """What a new tweet answers and what it quotes."""

    parent: Facts | None
    quoted: Facts | None


def post_tweet(
    *,
    author: User,
    text: str,
    reply_to_id: int | None = None,
    quote_of_id: int | None = None,
    visibility: str = Visibility.PUBLIC,
    sensitive: bool = False,
    spoiler: str = "",
    location: NewPlace | None = None,
) -> Tweet:
    """Post a tweet, a reply, a quote, or a reply that quotes.

    An id of a repost stands for the original. Raises BadText, BadVisibility, BadSpoiler, BadPlace,
    UnknownReference (with the field), CannotQuote and BlockedByYou.
    """
    text = mentions_and_tags.checked_text(text, may_be_blank=quote_of_id is not None)
    spoiler = mentions_and_tags.checked_spoiler(spoiler)
    place = places.checked(location) if location else None
    if visibility not in VALUES:
        raise BadVisibility
    with transaction.atomic():
        lock_account(author.pk)
        references = _references(author, reply_to_id, quote_of_id)
        tweet = _insert(author, text, references, visibility, sensitive, spoiler, place)
        mentions_and_tags.index(tweet)
        count_tweet(tweet, by=1)
        publish(TweetPosted(tweet_id=tweet.pk))
    return tweet


def _references(author: User, reply_to_id: int | None, quote_of_id: int | None) -> References:
    named = [id_ for id_ in (reply_to_id, quote_of_id) if id_ is not None]
    found = {f.id: f for f in hydrate(named, viewer_id=author.pk)} if named else {}
    references = References(
        parent=_referred(found, reply_to_id, "reply_to_id"),
        quoted=_referred(found, quote_of_id, "quote_of_id"),
    )
    if references.quoted is not None and not may_share(references.quoted):
        raise CannotQuote
    return references


def _referred(found: dict[int, Facts], id_: int | None, field: str) -> Facts | None:
    """What the field `field` names. UnknownReference, or BlockedByYou."""
    if id_ is None:
        return None
    original = original_of(found[id_]) if id_ in found else None
    if original is None:
        raise UnknownReference(field=field)
    if original.blocks:
        raise BlockedByYou(field=field)
    return original


def _insert(
    author: User,
    text: str,
    to: References,
    visibility: str,
    sensitive: bool,
    spoiler: str,
    place: Place | None,
) -> Tweet:
    # Drawn here, and not by the insert, because a thread's first tweet says its own id.
    (id_,) = ids.draw()
    tweet = Tweet(
        id=id_,
        author=author,
        text=text,
        visibility=visibility,
        sensitive=sensitive,
        spoiler=spoiler,
        reply_to_id=to.parent.id if to.parent else None,
        reply_to_author_id=to.parent.author_id if to.parent else None,
        conversation_id=(to.parent.conversation_id or to.parent.id) if to.parent else id_,
        quote_of_id=to.quoted.id if to.quoted else None,
        lat=place.lat if place else None,
        lon=place.lon if place else None,
        cell=place.cell if place else None,
        place=place.name if place else "",
    )
    tweet.save(force_insert=True)
    return tweet
