"""Post tweets: plain tweets, replies and quotes. Reposts are in tweets.marks."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from chirp import hooks
from chirp.errors import ChirpError, NotAllowed
from chirp.texts import text as _
from media.services import attach, check_number
from outbox.services import publish
from tweets import mentions_and_tags, places
from tweets.author_states import state_to_note
from tweets.controls import QuotesFrom, RepliesFrom
from tweets.conversations.services import note_direct
from tweets.counts import count_references, lock_author
from tweets.deleted_media import released_by
from tweets.events import NotificationDue, TweetPosted
from tweets.history import dated
from tweets.links import note_link
from tweets.models import LANGUAGE_LENGTH, Tweet
from tweets.places import NewPlace, Place
from tweets.polls.rules import NewPoll
from tweets.polls.rules import checked as checked_poll
from tweets.polls.voting import create_poll
from tweets.read.access import BlockedByYou, may_quote, may_share, original_of
from tweets.read.facts import Facts, may_reply
from tweets.read.hydrate import hydrate
from tweets.sql import posting as sql
from tweets.visibility import VALUES, Visibility

# A language tag of BCP 47: a language, then perhaps a script, a region or a variant.
LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8}){0,3}", re.ASCII | re.IGNORECASE)


class BadLanguage(ChirpError):
    """Raised when the language is not a language tag."""

    message = _('Must be a language tag such as "en" or "zh-Hant".')
    field = "language"


class BadVisibility(ChirpError):
    """Raised when the visibility is not one of `VALUES`."""

    message = _("Must be one of %(names)s.", names=", ".join(VALUES))
    field = "visibility"


class UnknownReference(ChirpError):
    """Raised when a tweet replies to or quotes a tweet that its author may not see."""

    message = _("There is no such tweet.")


class CannotQuote(NotAllowed):
    """Raised when a quote could have a larger audience than the quoted tweet."""

    message = _("Only tweets that everyone may see can be quoted.")
    field = "quote_of_id"


class QuotesLimited(NotAllowed):
    """Raised when the author of a tweet does not let the user quote it."""

    message = _("The author of this tweet limits who may quote it.")
    field = "quote_of_id"


class RepliesLimited(NotAllowed):
    """Raised when the author of a conversation does not let the user reply in it."""

    message = _("The author of this conversation limits who may reply.")
    field = "reply_to_id"


class PollWithMedia(ChirpError):
    """Raised when a tweet has a poll and media: a client shows one or the other."""

    message = _("A tweet has a poll or media, not both.")
    field = "poll"


class BadControl(ChirpError):
    """Raised when `replies_from` or `quotes_from` is not one of the values, or in a reply."""


@dataclass(frozen=True, slots=True)
class References:
    """The tweet that a new tweet replies to, and the tweet that it quotes."""

    parent: Facts | None
    quoted: Facts | None

    def concern_others(self, author: User) -> bool:
        """Return whether one of them is by another account."""
        return any(tweet and tweet.author_id != author.pk for tweet in (self.parent, self.quoted))


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
    language: str = "",
    media_ids: Sequence[int] = (),
    poll: NewPoll | None = None,
    replies_from: str = RepliesFrom.EVERYONE,
    quotes_from: str | None = None,
    at: datetime | None = None,
) -> Tweet:
    """Post a tweet, a reply, a quote, or a reply that quotes, and return it.

    The id of a repost refers to the original. `replies_from` is for the first tweet of a
    conversation: replies take it over from there. `quotes_from` is what the author chose for all
    tweets, unless it is given. `at` dates the tweet back; it is for the demo,
    and no face has it. Raises BadText, BadVisibility, BadSpoiler, BadPlace, BadLanguage, BadPoll,
    PollWithMedia, BadControl, UnknownReference (which names the field), CannotQuote, QuotesLimited,
    RepliesLimited, BlockedByYou, and for `media_ids` UnknownMedia, TooManyMedia and MediaTaken.
    """
    may_be_blank = quote_of_id is not None or poll is not None or bool(media_ids)
    text = mentions_and_tags.checked_text(text, may_be_blank=may_be_blank)
    check_number(media_ids)
    poll = checked_poll(poll) if poll else None
    if poll is not None and media_ids:
        raise PollWithMedia
    spoiler = mentions_and_tags.checked_spoiler(spoiler)
    place = places.checked(location) if location else None
    if visibility not in VALUES:
        raise BadVisibility
    if language and (len(language) > LANGUAGE_LENGTH or not LANGUAGE.fullmatch(language)):
        raise BadLanguage
    quotes_from = author.quotes_from if quotes_from is None else quotes_from
    _check_controls(replies_from, quotes_from, is_reply=reply_to_id is not None)
    with transaction.atomic():
        author_is_public = lock_author(author.pk, visibility=visibility)
        references = _references(author, reply_to_id, quote_of_id)
        tweet, has_subscribers = _insert(
            *(author, text, references, visibility, sensitive, spoiler, place, language),
            has_poll=poll is not None,
            replies_from=references.parent.replies_from if references.parent else replies_from,
            quotes_from=quotes_from,
            media_count=len(media_ids),
            author_state=state_to_note(author_is_public),
            **dated(at),
        )
        if media_ids:
            released = partial(released_by, author.pk, now=at or timezone.now())
            attach(owner=author, media_ids=media_ids, tweet_id=tweet.pk, released=released)
        if poll is not None:
            create_poll(tweet, poll, now=at or timezone.now())
        mentioned = mentions_and_tags.index(tweet)
        if visibility == Visibility.DIRECT:
            note_direct(tweet, mentioned)
        count_references(tweet, author_is_public=author_is_public)
        hooks.run("tweet.written", tweet=tweet)
        publish(TweetPosted(tweet_id=tweet.pk))
        if has_subscribers or mentioned or references.concern_others(author):
            publish(NotificationDue(tweet_id=tweet.pk))
        note_link(tweet)
    return tweet


def _check_controls(replies_from: str, quotes_from: str, *, is_reply: bool) -> None:
    for field, value, choices in (
        ("replies_from", replies_from, tuple(RepliesFrom)),
        ("quotes_from", quotes_from, tuple(QuotesFrom)),
    ):
        if value not in choices:
            raise BadControl(_("Must be one of %(names)s.", names=", ".join(choices)), field=field)
    if is_reply and replies_from != RepliesFrom.EVERYONE:
        message = _("Only the first tweet of a conversation can limit replies.")
        raise BadControl(message, field="replies_from")


def _references(author: User, reply_to_id: int | None, quote_of_id: int | None) -> References:
    tweet_ids = [id_ for id_ in (reply_to_id, quote_of_id) if id_ is not None]
    found = {f.id: f for f in hydrate(tweet_ids, viewer_id=author.pk)} if tweet_ids else {}
    references = References(
        parent=_referred(found, reply_to_id, "reply_to_id"),
        quoted=_referred(found, quote_of_id, "quote_of_id"),
    )
    if references.quoted is not None and not may_quote(references.quoted):
        raise QuotesLimited if may_share(references.quoted) else CannotQuote
    if references.parent is not None and not may_reply(references.parent):
        raise RepliesLimited
    return references


def _referred(found: dict[int, Facts], id_: int | None, field: str) -> Facts | None:
    """Return the tweet that `field` refers to. Raises UnknownReference and BlockedByYou."""
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
    references: References,
    visibility: str,
    sensitive: bool,
    spoiler: str,
    place: Place | None,
    language: str,
    **more: Any,
) -> tuple[Tweet, bool]:
    """Store a new tweet. Returns it, and whether its author has subscribers.

    The columns that Postgres generates are not loaded.
    """
    parent, quoted = references.parent, references.quoted
    # Postgres fills in what is None here.
    given = {"id": None, "created_at": None, **more}
    tweet = Tweet(
        author=author,
        text=text,
        visibility=visibility,
        sensitive=sensitive,
        spoiler=spoiler,
        reply_to_id=parent.id if parent else None,
        reply_to_author_id=parent.author_id if parent else None,
        conversation_id=(parent.conversation_id or parent.id) if parent else None,
        quote_of_id=quoted.id if quoted else None,
        lat=place.lat if place else None,
        lon=place.lon if place else None,
        cell=place.cell if place else None,
        place=place.name if place else "",
        language=language,
        **given,
    )
    names = ("id", "conversation_id", "created_at", *sql.POSTED)
    rows = sql.POST.rows(**{name: getattr(tweet, name) for name in names})
    ((tweet.pk, tweet.conversation_id, tweet.created_at, has_subscribers),) = rows
    tweet._state.adding = False
    return tweet, has_subscribers
