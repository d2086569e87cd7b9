"""Tweets as JSON, and the description of that JSON."""

from typing import Any

from django.http import HttpRequest
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from api.pages import page_body
from api.request_fields import IdField, StrictBooleanField, StrictCharField, StrictFloatField
from api.schema import base_of, page_of
from api.times import rfc3339
from chirp.pagination import Page
from tweets import text as texts
from tweets.models import SPOILER_LENGTH
from tweets.places import NAME_LENGTH, NewPlace
from tweets.read.facts import Facts, shown_quote
from tweets.read.threads import Version
from tweets.text_html import html_of
from tweets.visibility import CHOICES

Json = dict[str, Any]
NOT_YET = ("media_ids", "poll")
CANNOT_YET = "Tweets cannot have this."
FIXED = ("visibility", "reply_to_id", "quote_of_id", *NOT_YET)
CANNOT_CHANGE = "This cannot be changed."
CANNOT_MOVE = "A place can only be removed: send null."


def represent(tweet: Facts, *, base: str) -> Json:
    """A tweet as the API tells it. `base` is the site's address without a slash at its end.

    A repost has no words of its own, and the place, the counts and the viewer's marks of the
    original.
    """
    original, quoted = tweet.original, shown_quote(tweet)
    shown = _alone(tweet, base, counted=original or tweet)
    if original:
        shown["repost_of"] = represent(original, base=base)
    if quoted:  # what a quoted tweet quotes itself is only named
        shown["quote_of"] = _alone(quoted, base, counted=quoted)
    return shown


def represent_page(request: HttpRequest | Request, page: Page[Facts]) -> Json:
    """A page of tweets as the API tells it."""
    base = base_of(request)
    tweets = [represent(tweet, base=base) for tweet in page.results]
    return page_body(request, Page(tweets, next=page.next, previous=page.previous))


def represent_versions(request: Request, page: Page[Version]) -> Json:
    """A page of what a tweet has said."""
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


def _alone(tweet: Facts, base: str, *, counted: Facts) -> Json:
    return {
        "id": str(tweet.id),
        "url": f"{base}/@{tweet.handle}/{tweet.id}",
        "author": _author(tweet, base),
        "text": tweet.text,
        "html": html_of(tweet.text, tuple(tweet.mentions or ())),
        "created_at": rfc3339(tweet.created_at),
        "edited_at": rfc3339(tweet.edited_at) if tweet.edited_at else None,
        "visibility": tweet.visibility,
        "sensitive": tweet.sensitive,
        "spoiler": tweet.spoiler,
        "reply_to_id": tweet.reply_to_id and str(tweet.reply_to_id),  # none of them is 0
        "conversation_id": counted.conversation_id and str(counted.conversation_id),
        "repost_of": None,
        "quote_of_id": tweet.quote_of_id and str(tweet.quote_of_id),
        "quote_of": None,
        "media": [],
        "poll": None,
        "location": _location(counted),
        "counts": _counts(counted),
        "viewer": _viewer(counted),
    }


def _location(tweet: Facts) -> Json | None:
    if tweet.lat is None:
        return None
    return {"lat": tweet.lat, "lon": tweet.lon, "name": tweet.place}


def _author(tweet: Facts, base: str) -> Json:
    return {
        "id": str(tweet.author_id),
        "handle": tweet.handle,
        "name": tweet.name,
        "avatar": None,
        "private": tweet.private,
        "url": f"{base}/@{tweet.handle}",
    }


def _counts(tweet: Facts) -> Json:
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
        "bookmarked": False,
        "muted": tweet.mutes,
        "pinned": False,
    }


class AuthorSerializer(serializers.Serializer[Any]):
    """Who wrote a tweet."""

    id = serializers.CharField()
    handle = serializers.CharField()
    name = serializers.CharField()
    avatar = serializers.URLField(allow_null=True)
    private = serializers.BooleanField()
    url = serializers.URLField()


class TweetCountsSerializer(serializers.Serializer[Any]):
    """Counts of a tweet; of a repost they are those of the original."""

    likes = serializers.IntegerField(min_value=0)
    reposts = serializers.IntegerField(min_value=0)
    quotes = serializers.IntegerField(min_value=0)
    replies = serializers.IntegerField(min_value=0)


class TweetViewerSerializer(serializers.Serializer[Any]):
    """How who asks stands to a tweet; for a repost, to the original."""

    liked = serializers.BooleanField()
    reposted = serializers.BooleanField()
    bookmarked = serializers.BooleanField()
    muted = serializers.BooleanField(help_text="Its author is muted.")
    pinned = serializers.BooleanField()


class LocationSerializer(serializers.Serializer[Any]):
    """Where a tweet was written, as far as its author says."""

    lat = serializers.FloatField(min_value=-90, max_value=90, help_text="Degrees north.")
    lon = serializers.FloatField(min_value=-180, max_value=180, help_text="Degrees east.")
    name = serializers.CharField(help_text="What it is called. Empty where it was not said.")


@extend_schema_field({"oneOf": [{"$ref": "#/components/schemas/Tweet"}, {"type": "null"}]})
class NestedTweetField(serializers.ReadOnlyField):
    """A tweet within a tweet, or nothing."""


class TweetSerializer(serializers.Serializer[Any]):
    """A tweet."""

    id = serializers.CharField()
    url = serializers.URLField()
    author = AuthorSerializer()
    text = serializers.CharField(help_text="As it was typed. A repost has none.")
    html = serializers.CharField(help_text="The text with links, safe to put into a page.")
    created_at = serializers.DateTimeField()
    edited_at = serializers.DateTimeField(allow_null=True)
    visibility = serializers.ChoiceField(choices=CHOICES)
    sensitive = serializers.BooleanField()
    spoiler = serializers.CharField(help_text="A warning to show before the text.")
    reply_to_id = serializers.CharField(allow_null=True)
    conversation_id = serializers.CharField(
        allow_null=True, help_text="The tweet that began the thread."
    )
    repost_of = NestedTweetField(help_text="The original, when this is a repost.")
    quote_of_id = serializers.CharField(allow_null=True)
    quote_of = NestedTweetField(
        help_text="What it quotes. Null where the viewer may not see it or does not want to, and "
        "inside a quoted tweet.",
    )
    media = serializers.ListField(child=serializers.DictField())
    poll = serializers.DictField(allow_null=True)
    location = LocationSerializer(
        allow_null=True, help_text="Null for most. Of a repost it is the original's."
    )
    counts = TweetCountsSerializer()
    viewer = TweetViewerSerializer(allow_null=True, help_text="Null when signed out.")


class ThreadSerializer(serializers.Serializer[Any]):
    """A tweet and the conversation around it."""

    ancestors = TweetSerializer(many=True, help_text="What it answers, oldest first.")
    tweet = TweetSerializer()
    replies = page_of(TweetSerializer)()


class TweetVersionSerializer(serializers.Serializer[Any]):
    """What a tweet said for a while, or says now."""

    text = serializers.CharField(help_text="As it was typed.")
    html = serializers.CharField(help_text="The text with links, safe to put into a page.")
    sensitive = serializers.BooleanField()
    spoiler = serializers.CharField(help_text="A warning to show before the text.")
    created_at = serializers.DateTimeField(help_text="Since when it said so.")


class NewLocationSerializer(serializers.Serializer[Any]):
    """A place for a new tweet. The validated value is a `NewPlace`."""

    lat = StrictFloatField(min_value=-90, max_value=90, help_text="Degrees north.")
    lon = StrictFloatField(min_value=-180, max_value=180, help_text="Degrees east.")
    name = StrictCharField(
        required=False,
        allow_blank=True,
        max_length=NAME_LENGTH,
        help_text="What it is called, in one line.",
    )
    exact = StrictBooleanField(
        required=False,
        help_text="Without it, the place is rounded to about a kilometre before it is stored: "
        "what was not chosen is not kept. With it, to about ten centimetres.",
    )

    def to_internal_value(self, data: Any) -> Any:
        """The place. ValidationError."""
        return NewPlace(**super().to_internal_value(data))


class NewTweetSerializer(serializers.Serializer[Any]):
    """What one posts."""

    text = StrictCharField(
        allow_blank=True,
        max_length=texts.MAX_CODE_POINTS,
        help_text=f"At most {texts.MAX_LENGTH} characters as people count them, a link being "
        f"{texts.LINK_LENGTH}. May be blank in a quote.",
    )
    reply_to_id = IdField(required=False, allow_null=True)
    quote_of_id = IdField(required=False, allow_null=True)
    visibility = serializers.ChoiceField(choices=CHOICES, required=False)
    sensitive = StrictBooleanField(required=False)
    spoiler = StrictCharField(required=False, allow_blank=True, max_length=SPOILER_LENGTH)
    location = NewLocationSerializer(required=False, allow_null=True)

    def validate(self, attrs: Json) -> Json:
        """Refuse what would be lost: it is better not to post than to post without the picture."""
        absent = [name for name in NOT_YET if self.initial_data.get(name)]
        if absent:
            raise serializers.ValidationError({name: [CANNOT_YET] for name in absent})
        return attrs


@extend_schema_field({"type": "null"})
class NothingField(serializers.Field[None, Any, None, Any]):
    """Null: what can only be removed."""

    default_error_messages = {"invalid": CANNOT_MOVE}

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        """Null is the value that is wanted. (With `allow_null` it would be described twice.)"""
        return (True, None) if data is None else super().validate_empty_values(data)

    def to_internal_value(self, data: Any) -> None:
        """Refuse all else."""
        self.fail("invalid")


class EditTweetSerializer(serializers.Serializer[Any]):
    """What of a tweet is to be changed."""

    text = StrictCharField(
        required=False,
        allow_blank=True,
        max_length=texts.MAX_CODE_POINTS,
        help_text="As for a new tweet.",
    )
    sensitive = StrictBooleanField(required=False)
    spoiler = StrictCharField(required=False, allow_blank=True, max_length=SPOILER_LENGTH)

    location = NothingField(
        required=False,
        help_text="Null removes the place. Nothing keeps it, and the tweet does not become edited.",
    )

    def validate(self, attrs: Json) -> Json:
        """Refuse what would be ignored: who asks for it should know."""
        fixed = [name for name in FIXED if name in self.initial_data]
        if fixed:
            raise serializers.ValidationError({name: [CANNOT_CHANGE] for name in fixed})
        changes = {name: value for name, value in attrs.items() if name != "location"}
        return changes | {"remove_place": "location" in attrs}
