"""Tweets as JSON, and the serializers of what is answered. For input see new_tweets.py."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from api.pages import page_body
from api.presenters import media
from api.presenters.link_cards import LinkCardSerializer, represent_link_card
from api.presenters.media import MediaSerializer
from api.presenters.people import picture_url
from api.presenters.polls import PollSerializer, represent_poll
from api.schema import base_of, page_of
from chirp.pagination import Page
from chirp.times import rfc3339
from filters.models import SHOWN_ACTIONS
from timelines.ranked import Ranked
from tweets.controls import QUOTES_CHOICES, REPLIES_CHOICES
from tweets.polls.read import POLL
from tweets.read.access import may_quote
from tweets.read.attachments import attach
from tweets.read.facts import (
    Facts,
    may_reply,
    reposters,
    shown_conversation_id,
    shown_parent_id,
    shown_quote,
)
from tweets.read.filtered import filtered
from tweets.read.link_cards import LINK_CARD
from tweets.read.media import MEDIA
from tweets.read.threads import Version
from tweets.read.viewer import ViewerContext
from tweets.text_html import html_of
from tweets.visibility import CHOICES

Json = dict[str, Any]
# What the JSON of tweets shows beside their facts.
ATTACHMENTS = (LINK_CARD, MEDIA, POLL)
NAMED = 10  # reposters of one entry


def represent(tweet: Facts, *, base: str) -> Json:
    """The JSON of a tweet. `base` is the site's base URL without a trailing slash.

    A repost has no text of its own. Its location, its counts and the viewer's marks are those of
    the original.
    """
    (body,) = represent_all([tweet], base=base)
    return body


def represent_all(tweets: Sequence[Facts], *, base: str) -> list[Json]:
    """The JSON of tweets for one viewer: one query for each kind of attachment that they have."""
    if tweets:
        attach(tweets, ATTACHMENTS, ViewerContext(viewer_id=tweets[0].viewer_id))
    return [_represent(tweet, base) for tweet in tweets]


def _represent(tweet: Facts, base: str) -> Json:
    original, quoted = tweet.original, shown_quote(tweet)
    body = _without_nested(tweet, base, counted=original or tweet)
    if original:
        body["repost_of"] = _represent(original, base)
        body["reposted_by"] = _reposted_by(tweet, base)
    if quoted:  # only one level is nested: a quote within the quote has just its id
        body["quote_of"] = _without_nested(quoted, base, counted=quoted)
    return body


def represent_page(request: HttpRequest | Request, page: Page[Facts]) -> Json:
    """The JSON of a page of tweets."""
    base = base_of(request)
    tweets = represent_all(page.results, base=base)
    return page_body(request, Page(tweets, next=page.next, previous=page.previous))


def represent_ranked(request: HttpRequest, page: Page[Ranked]) -> Json:
    """The JSON of a page of the ranked home timeline."""
    bodies = represent_all([each.entry for each in page.results], base=base_of(request))
    tweets = [
        {**body, "why": list(each.why)} for body, each in zip(bodies, page.results, strict=True)
    ]
    return page_body(request, Page(tweets, next=page.next, previous=page.previous))


def represent_versions(request: Request, page: Page[Version]) -> Json:
    """The JSON of a page of a tweet's edit history."""
    versions = [
        {
            "text": version.text,
            "html": html_of(version.text, version.mentions),
            "sensitive": version.sensitive,
            "spoiler": version.spoiler,
            "created_at": rfc3339(version.created_at),
        }
        for version in page.results
    ]
    return page_body(request, Page(versions, next=page.next, previous=page.previous))


def _without_nested(tweet: Facts, base: str, *, counted: Facts) -> Json:
    """The JSON of a tweet without nested tweets; `counted` supplies the counts and the location."""
    author = represent_author(tweet, base)
    return {
        "id": str(tweet.id),
        "url": f"{author['url']}/{tweet.id}",
        "author": author,
        "text": tweet.text,
        "html": html_of(tweet.text, tuple(tweet.mentions or ())),
        "created_at": rfc3339(tweet.created_at),
        "edited_at": rfc3339(tweet.edited_at) if tweet.edited_at else None,
        "visibility": tweet.visibility,
        "sensitive": tweet.sensitive,
        "spoiler": tweet.spoiler,
        "language": tweet.language or None,
        "reply_to_id": _id(shown_parent_id(tweet)) if tweet.parent else None,
        "conversation_id": _id(shown_conversation_id(counted)),
        "repost_of": None,
        "reposted_by": None,
        "quote_of_id": _id(tweet.quote_of_id),
        "quote_of": None,
        **(_attached(tweet, base) if tweet.attached else _nothing_attached()),
        "location": _location(counted),
        "replies_from": counted.replies_from,
        "quotes_from": counted.quotes_from,
        "counts": represent_counts(counted),
        "viewer": _viewer(counted),
        "filtered": _filtered(counted) if counted.attached else [],
    }


def _attached(tweet: Facts, base: str) -> Json:
    return {
        "media": [media.represent(each, base=base) for each in MEDIA.of(tweet) or ()],
        "poll": _poll(tweet),
        "card": represent_link_card(LINK_CARD.of(tweet), base=base),
    }


def _nothing_attached() -> Json:
    return {"media": [], "poll": None, "card": None}


def _filtered(tweet: Facts) -> list[Json]:
    return [
        {"id": str(each.id), "title": each.title, "action": each.action} for each in filtered(tweet)
    ]


def _id(id_: int | None) -> str | None:
    return None if id_ is None else str(id_)


def _poll(tweet: Facts) -> Json | None:
    poll = POLL.of(tweet)
    return represent_poll(poll, signed_in=tweet.viewer_id is not None) if poll else None


def _location(tweet: Facts) -> Json | None:
    if tweet.lat is None:
        return None
    return {"lat": tweet.lat, "lon": tweet.lon, "name": tweet.place}


def represent_author(tweet: Facts, base: str) -> Json:
    """The JSON of a tweet's author."""
    return {
        "id": str(tweet.author_id),
        "handle": tweet.handle,
        "name": tweet.name,
        "avatar": picture_url(tweet.avatar, base),
        "private": tweet.private,
        "url": f"{base}/@{tweet.handle}",
    }


def _reposted_by(entry: Facts, base: str) -> Json:
    found = reposters(entry)
    return {
        "accounts": [represent_author(each, base) for each in found[:NAMED]],
        "count": len(found),
    }


def represent_counts(tweet: Facts) -> Json:
    """The counts of a tweet."""
    return {
        "likes": tweet.likes,
        "reposts": tweet.reposts,
        "quotes": tweet.quotes,
        "replies": tweet.replies,
    }


def _viewer(tweet: Facts) -> Json | None:
    if tweet.viewer_id is None:
        return None
    return {
        "liked": tweet.liked,
        "reposted": tweet.reposted,
        "bookmarked": tweet.bookmarked,
        "muted": tweet.conversation_muted,
        "pinned": tweet.pinned,
        "may_reply": not tweet.blocks and may_reply(tweet),
        "may_quote": not tweet.blocks and may_quote(tweet),
    }


class AuthorSerializer(serializers.Serializer[Any]):
    """The author of a tweet."""

    id = serializers.CharField()
    handle = serializers.CharField()
    name = serializers.CharField()
    avatar = serializers.URLField(allow_null=True)
    private = serializers.BooleanField()
    url = serializers.URLField()


class TweetCountsSerializer(serializers.Serializer[Any]):
    """Counts of a tweet. A repost has the counts of the original."""

    likes = serializers.IntegerField(min_value=0)
    reposts = serializers.IntegerField(min_value=0)
    quotes = serializers.IntegerField(min_value=0)
    replies = serializers.IntegerField(min_value=0)


class TweetViewerSerializer(serializers.Serializer[Any]):
    """The viewer's marks on a tweet, or on the original of a repost."""

    liked = serializers.BooleanField()
    reposted = serializers.BooleanField()
    bookmarked = serializers.BooleanField()
    muted = serializers.BooleanField(help_text="The viewer mutes the conversation.")
    pinned = serializers.BooleanField(help_text="It is pinned to the viewer's profile.")
    may_reply = serializers.BooleanField(
        help_text="The author of the conversation lets the viewer reply."
    )
    may_quote = serializers.BooleanField(help_text="The author lets the viewer quote the tweet.")


class RepostedBySerializer(serializers.Serializer[Any]):
    """The accounts whose reposts an entry stands for."""

    accounts = AuthorSerializer(many=True, help_text=f"At most {NAMED}, the latest repost first.")
    count = serializers.IntegerField(min_value=1, help_text="How many there are.")


class LocationSerializer(serializers.Serializer[Any]):
    """The location that the author added to a tweet."""

    lat = serializers.FloatField(min_value=-90, max_value=90, help_text="Latitude in degrees.")
    lon = serializers.FloatField(min_value=-180, max_value=180, help_text="Longitude in degrees.")
    name = serializers.CharField(help_text="The name of the place; empty if there is none.")


class FilteredSerializer(serializers.Serializer[Any]):
    """A filter that finds a tweet."""

    id = serializers.CharField()
    title = serializers.CharField()
    action = serializers.ChoiceField(
        choices=SHOWN_ACTIONS,
        help_text="`warn`: show the title in place of the tweet. `blur`: show it in place of the "
        "media of the tweet and of the one that it quotes. Both until the viewer opens them.",
    )


@extend_schema_field({"oneOf": [{"$ref": "#/components/schemas/Tweet"}, {"type": "null"}]})
class NestedTweetField(serializers.ReadOnlyField):
    """A nested tweet, or null."""


class TweetSerializer(serializers.Serializer[Any]):
    """A tweet."""

    id = serializers.CharField()
    url = serializers.URLField()
    author = AuthorSerializer()
    text = serializers.CharField(help_text="The text as typed. Empty for a repost.")
    html = serializers.CharField(
        help_text="The text as HTML with links, safe to insert into a page. Each line of a text of "
        'several is a `div` with its own direction: insert it into an element with `dir="auto"`.'
    )
    created_at = serializers.DateTimeField()
    edited_at = serializers.DateTimeField(allow_null=True)
    visibility = serializers.ChoiceField(choices=CHOICES)
    sensitive = serializers.BooleanField()
    spoiler = serializers.CharField(help_text="A content warning, to show before the text.")
    language = serializers.CharField(allow_null=True, help_text="A BCP 47 language tag.")
    reply_to_id = serializers.CharField(
        allow_null=True,
        help_text="The tweet that this replies to. Null if the viewer cannot see it.",
    )
    conversation_id = serializers.CharField(
        allow_null=True,
        help_text="Id of the first tweet of the conversation. Null if the viewer cannot see it. "
        "Every tweet that is neither a reply nor a repost has its own `id` here.",
    )
    repost_of = NestedTweetField(help_text="The original tweet of a repost; null for other tweets.")
    reposted_by = RepostedBySerializer(
        allow_null=True,
        help_text="Of a repost, who reposted it: in a timeline also those whose reposts of the "
        "same tweet this entry replaces on its page. Null for other tweets.",
    )
    quote_of_id = serializers.CharField(allow_null=True)
    quote_of = NestedTweetField(
        help_text="The quoted tweet. Null if the viewer cannot see it or has blocked or muted its "
        "author, if its author detached it, and inside a quoted tweet.",
    )
    media = MediaSerializer(many=True, help_text="In the order of the author. Empty in a repost.")
    poll = PollSerializer(allow_null=True, help_text="Null without a poll, and in a repost.")
    card = LinkCardSerializer(
        allow_null=True,
        help_text="What the page says of itself to which the first link leads. Null without a "
        "link, while it is not fetched, with media, a poll or a quote, and in a repost.",
    )
    location = LocationSerializer(
        allow_null=True, help_text="Null without a location. A repost has that of the original."
    )
    replies_from = serializers.ChoiceField(
        choices=REPLIES_CHOICES, help_text="Who may reply in the conversation."
    )
    quotes_from = serializers.ChoiceField(
        choices=QUOTES_CHOICES, help_text="Who may quote the tweet."
    )
    counts = TweetCountsSerializer()
    viewer = TweetViewerSerializer(allow_null=True, help_text="Null for anonymous visitors.")
    filtered = FilteredSerializer(
        many=True,
        help_text="The filters of the viewer that find the tweet, or the original of a repost, in "
        "the list that it was read from.",
    )


class HomeTweetSerializer(TweetSerializer):
    """An entry of the home timeline."""

    why = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text="In a ranked timeline: why the entry stands where it does, in English, what "
        "weighs most first.",
    )


class ThreadSerializer(serializers.Serializer[Any]):
    """A tweet with its ancestors and its replies."""

    ancestors = TweetSerializer(many=True, help_text="The tweets it replies to, oldest first.")
    ancestors_before = serializers.URLField(
        allow_null=True,
        help_text="URL of the thread of the first of these ancestors, whose own ancestors come "
        "before them. Null if nothing is above it.",
    )
    tweet = TweetSerializer()
    replies = page_of(TweetSerializer)()


class TweetVersionSerializer(serializers.Serializer[Any]):
    """A version of a tweet in its edit history."""

    text = serializers.CharField(help_text="The text as typed.")
    html = serializers.CharField(
        help_text="The text as HTML with links, safe to insert into a page. Each line of a text of "
        'several is a `div` with its own direction: insert it into an element with `dir="auto"`.'
    )
    sensitive = serializers.BooleanField()
    spoiler = serializers.CharField(help_text="A content warning, to show before the text.")
    created_at = serializers.DateTimeField(help_text="When this version was posted.")
