"""What is in an export, as JSON objects: one function for each file, which reads a batch.

A batch are the next rows above a position, in the order of their ids. Nothing of it is a secret:
passwords, tokens, sessions and second factors are left out.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.conf import settings
from django.db.models import Model, QuerySet

from accounts.appearance import CHOICES
from accounts.models import User
from chirp.times import rfc3339
from filters.models import Filter
from lists.models import FeaturedHashtag, HashtagFollow, ListMember, PeopleList
from media.models import Media, Purpose, State
from notifications.models import Settings
from people.models import Block, Follow, Mute, PrivateNote
from tweets.later.models import Draft, ScheduledTweet
from tweets.models import Bookmark, Like, Mention, Pin, Tweet
from tweets.models import TweetVersion as Version
from tweets.polls.models import Poll
from tweets.read.facts import may_see
from tweets.read.hydrate import hydrate
from tweets.visibility import Visibility

BATCH = 200
Json = dict[str, Any]
Rows = list[tuple[int, Json]]  # each with its position
PROFILE = (
    *("handle", "name", "bio", "place", "link", "private", "quotes_from"),
    *("time_zone", "language", "email"),
    *CHOICES,
)
COUNTS = ("followers_count", "following_count", "tweets_count", "likes_count")
OF_TWEET = (
    *("text", "visibility", "sensitive", "spoiler", "language", "replies_from", "quotes_from"),
    *("likes_count", "reposts_count", "quotes_count", "replies_count"),
)


def address(handle: str, tweet_id: int) -> str:
    """Return the address of a tweet on this site."""
    return f"{settings.SITE_URL.rstrip('/')}/@{handle}/{tweet_id}"


def file_name(media: Media) -> str:
    """Return the name of a file within the archive; "" if it has none."""
    main = main_file(media)
    return f"media/{media.pk}.{main.rpartition('.')[2]}" if main else ""


def main_file(media: Media) -> str:
    """Return the name of the largest file that was made of an upload: what is played or shown."""
    wanted = "image/" if media.kind == "image" else ("video/", "audio/")
    files = {name: each for name, each in media.files.items() if each["type"].startswith(wanted)}
    return max(files or media.files, key=lambda name: media.files[name]["bytes"], default="")


def profile(user: User, after: int) -> Rows:
    """The profile, and settings that are not elsewhere."""
    if after:
        return []
    row = Settings.objects.filter(user=user).first() or Settings(user=user)
    pictures = Media.objects.filter(owner=user, key__in={user.avatar, user.header} - {""})
    files = {each.key: file_name(each) for each in pictures}
    return [
        (
            1,
            {
                **{name: getattr(user, name) for name in (*PROFILE, *COUNTS)},
                "created_at": rfc3339(user.created_at),
                "avatar": files.get(user.avatar, ""),
                "header": files.get(user.header, ""),
                "notifications": {
                    "off": row.off,
                    "mailed": row.mailed,
                    "strangers": row.strangers,
                    "digest": row.digest,
                },
            },
        )
    ]


def tweets(user: User, after: int) -> Rows:
    """Tweets, replies, quotes and own direct messages, those that moderators hid included."""
    found = _next(Tweet.objects.filter(author=user, deleted_at=None, repost_of=None), after)
    return list(_tweets(user, found))


def newest_tweets(user: User, most: int) -> list[Json]:
    """Return the newest tweets, newest first."""
    rows = Tweet.objects.filter(author=user, deleted_at=None, repost_of=None)
    return [each for _, each in _tweets(user, list(rows.order_by("-pk")[:most]))]


def reposts(user: User, after: int) -> Rows:
    """What the account reposted."""
    rows = Tweet.objects.filter(author=user, deleted_at=None, repost_of__isnull=False)
    found = _next(rows.select_related("repost_of__author"), after)
    return [
        (row.pk, {"created_at": rfc3339(row.created_at), "tweet": _named(row.repost_of)})
        for row in found
    ]


def messages(user: User, after: int) -> Rows:
    """Direct messages of others that the account can read now."""
    received = Mention.objects.filter(
        user=user, tweet_id__gt=after, tweet__visibility=Visibility.DIRECT
    )
    ids = list(received.order_by("tweet_id").values_list("tweet_id", flat=True)[:BATCH])
    found = {each.id: each for each in hydrate(ids, viewer_id=user.pk) if may_see(each)}
    rows: Rows = [(id_, _message(found[id_])) for id_ in ids if id_ in found]
    # The position goes on also behind those that cannot be read any more.
    return rows if not ids or (rows and rows[-1][0] == ids[-1]) else [*rows, (ids[-1], {})]


def _message(tweet: Any) -> Json:
    return {
        "id": str(tweet.id),
        "from": tweet.handle,
        "conversation_id": str(tweet.conversation_id or tweet.id),
        "created_at": rfc3339(tweet.created_at),
        "text": tweet.text,
        "spoiler": tweet.spoiler,
    }


def _tweets(user: User, rows: Sequence[Tweet]) -> Iterable[tuple[int, Json]]:
    ids = [row.pk for row in rows]
    media = _grouped(Media.objects.filter(tweet_id__in=ids).order_by("position"), "tweet_id")
    versions = _grouped(Version.objects.filter(tweet__in=ids).order_by("pk"), "tweet_id")
    polls = Poll.objects.in_bulk(ids)
    pinned = set(Pin.objects.filter(tweet__in=ids).values_list("tweet", flat=True))
    answered = User.objects.in_bulk({row.reply_to_author_id or 0 for row in rows})
    quoted = Tweet.objects.select_related("author").in_bulk({row.quote_of_id or 0 for row in rows})
    for row in rows:
        yield (
            row.pk,
            {
                "id": str(row.pk),
                "url": address(user.handle, row.pk),
                "created_at": rfc3339(row.created_at),
                "edited_at": row.edited_at and rfc3339(row.edited_at),
                **{name: getattr(row, name) for name in OF_TWEET},
                "hidden": row.hidden_at is not None,
                "pinned": row.pk in pinned,
                "conversation_id": str(row.conversation_id or row.pk),
                "reply_to_id": row.reply_to_id and str(row.reply_to_id),
                "reply_to": _handle(answered.get(row.reply_to_author_id or 0)),
                "quote_of": _named(quoted.get(row.quote_of_id or 0)),
                "location": _location(row),
                "media": [_media(each) for each in media.get(row.pk, ())],
                "poll": _poll(polls.get(row.pk)),
                "versions": [_version(each) for each in versions.get(row.pk, ())],
            },
        )


def _grouped(rows: Iterable[Any], key: str) -> dict[int, list[Any]]:
    groups: dict[int, list[Any]] = {}
    for row in rows:
        groups.setdefault(getattr(row, key), []).append(row)
    return groups


def _handle(user: User | None) -> str | None:
    return user.handle if user else None


def _named(tweet: Tweet | None) -> Json | None:
    """Return how to find a tweet of anybody, and none of what it says."""
    if tweet is None:
        return None
    return {"id": str(tweet.pk), "url": address(tweet.author.handle, tweet.pk)}


def _location(tweet: Tweet) -> Json | None:
    if tweet.lat is None:
        return None
    return {"lat": tweet.lat, "lon": tweet.lon, "name": tweet.place}


def _media(media: Media) -> Json:
    focus = {"focus_x": media.focus_x, "focus_y": media.focus_y}
    return {"file": file_name(media), "kind": media.kind, "alt": media.alt, **focus}


def _poll(poll: Poll | None) -> Json | None:
    if poll is None:
        return None
    names = ("choices", "votes", "voters", "multiple", "hide_results")
    return {**{name: getattr(poll, name) for name in names}, "ends_at": rfc3339(poll.ends_at)}


def _version(version: Version) -> Json:
    names = ("text", "sensitive", "spoiler")
    values = {name: getattr(version, name) for name in names}
    return {**values, "created_at": rfc3339(version.created_at)}


def _next(rows: QuerySet[Any], after: int) -> list[Any]:
    return list(rows.filter(pk__gt=after).order_by("pk")[:BATCH])


def _people(
    model: type[Model], mine: str, other: str, *options: str
) -> Callable[[User, int], Rows]:
    """The accounts at the other ends of some edges of the account, by their handles."""

    def read(user: User, after: int) -> Rows:
        rows = model._default_manager.filter(**{mine: user}).select_related(other)
        return [
            (
                row.pk,
                {
                    "account": getattr(row, other).handle,
                    "since": rfc3339(row.created_at),
                    **{name: getattr(row, name) for name in options},
                    **({"requested": row.since_id is None} if model is Follow else {}),
                },
            )
            for row in _next(rows, after)
        ]

    return read


def mutes(user: User, after: int) -> Rows:
    """Whom the account mutes, and until when."""
    rows = _next(Mute.objects.filter(muter=user).select_related("muted"), after)
    return [
        (
            row.pk,
            {
                "account": row.muted.handle,
                "since": rfc3339(row.created_at),
                "until": row.until and rfc3339(row.until),
            },
        )
        for row in rows
    ]


def notes(user: User, after: int) -> Rows:
    """The private notes of the account."""
    rows = _next(PrivateNote.objects.filter(author=user).select_related("about"), after)
    return [(row.pk, {"account": row.about.handle, "text": row.text}) for row in rows]


def lists(user: User, after: int) -> Rows:
    """Lists of people, with the handles of those on them."""
    rows = _next(PeopleList.objects.filter(owner=user), after)
    members = _grouped(
        ListMember.objects.filter(list__in=[row.pk for row in rows])
        .select_related("user")
        .order_by("pk"),
        "list_id",
    )
    return [
        (
            row.pk,
            {
                "name": row.name,
                "private": row.private,
                "exclusive": row.exclusive,
                "members": [each.user.handle for each in members.get(row.pk, ())],
            },
        )
        for row in rows
    ]


def filters(user: User, after: int) -> Rows:
    """Filters, with their phrases."""
    rows = _next(Filter.objects.filter(owner=user).prefetch_related("phrases"), after)
    return [
        (
            row.pk,
            {
                "id": str(row.pk),
                "title": row.title,
                "contexts": row.contexts,
                "action": row.action,
                "expires_at": row.expires_at and rfc3339(row.expires_at),
                "phrases": [
                    {"text": each.text, "whole_word": each.whole_word} for each in row.phrases.all()
                ],
            },
        )
        for row in rows
    ]


def hashtags(user: User, after: int) -> Rows:
    """Followed hashtags."""
    return [
        (row.pk, {"tag": row.tag}) for row in _next(HashtagFollow.objects.filter(user=user), after)
    ]


def featured_hashtags(user: User, after: int) -> Rows:
    """Hashtags on the profile."""
    rows = _next(FeaturedHashtag.objects.filter(user=user), after)
    return [(row.pk, {"tag": row.tag}) for row in rows]


def _marked(model: type[Model]) -> Callable[[User, int], Rows]:
    """The addresses of tweets that the account has marked."""

    def read(user: User, after: int) -> Rows:
        rows = model._default_manager.filter(user=user).select_related("tweet__author")
        return [
            (row.pk, {"since": rfc3339(row.created_at), "tweet": _named(row.tweet)})
            for row in _next(rows, after)
        ]

    return read


def drafts(user: User, after: int) -> Rows:
    """Drafts. Their files are among the media."""
    return [
        (row.pk, {"id": str(row.pk), "tweets": row.content, "updated_at": rfc3339(row.updated_at)})
        for row in _next(Draft.objects.filter(user=user), after)
    ]


def scheduled(user: User, after: int) -> Rows:
    """Scheduled tweets."""
    return [
        (row.pk, {"id": str(row.pk), "tweets": row.content, "due_at": rfc3339(row.due_at)})
        for row in _next(ScheduledTweet.objects.filter(user=user), after)
    ]


def media(user: User, after: int) -> Rows:
    """All files: those of tweets, avatar and header, and those that wait in drafts."""
    own = Media.objects.filter(owner=user, state=State.READY).exclude(purpose=Purpose.CARD)
    return [
        (row.pk, {"id": str(row.pk), "purpose": row.purpose, **_media(row)})
        for row in _next(own, after)
    ]


# The files of an export, in their order.
FILES: dict[str, Callable[[User, int], Rows]] = {
    "profile": profile,
    "tweets": tweets,
    "reposts": reposts,
    "messages": messages,
    "likes": _marked(Like),
    "bookmarks": _marked(Bookmark),
    "follows": _people(Follow, "follower", "followee", "reposts", "notify", "featured"),
    "followers": _people(Follow, "followee", "follower"),
    "blocks": _people(Block, "blocker", "blocked"),
    "mutes": mutes,
    "notes": notes,
    "lists": lists,
    "hashtags": hashtags,
    "featured_hashtags": featured_hashtags,
    "filters": filters,
    "drafts": drafts,
    "scheduled": scheduled,
    "media": media,
}
