"""Reads about tweets: each for one viewer, None for somebody who is signed out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.models import User
from chirp.errors import NotFound
from chirp.pagination import Page, PageRequest, paginate
from people.models import Block, Follow
from people.selectors import check_lists
from tweets import sql
from tweets import text as texts
from tweets.models import Hashtag, Like, Mention, Tweet, TweetVersion
from tweets.places import Circle
from tweets.read.access import EVERYBODY, access_original, access_tweet
from tweets.read.facts import Facts, may_see, welcome
from tweets.read.hydrate import hydrate
from tweets.read.nearby import Near
from tweets.read.paging import Rows, TweetList
from tweets.visibility import Visibility

__all__ = [
    "access_original",
    "access_tweet",
    "hashtag",
    "history",
    "likes",
    "nearby",
    "public",
    "quotes",
    "reposts",
    "thread",
    "user_likes",
    "user_replies",
    "user_tweets",
]

MAX_ANCESTORS = 100


@dataclass(frozen=True, slots=True)
class Thread:
    """A tweet between what it answers (oldest first) and one page of its replies (newest first)."""

    ancestors: list[Facts]
    tweet: Facts
    replies: Page[Facts]


def thread(*, viewer: User | None, tweet_id: int, page: PageRequest) -> Thread:
    """The conversation around a tweet; an id of a repost stands for the original. NotFound.

    `ancestors` are at most the nearest MAX_ANCESTORS; those that the viewer may not see, or does
    not want to, are left out, and so are such replies.
    """
    tweet = access_original(viewer=viewer, tweet_id=tweet_id)
    replies = Tweet.objects.filter(reply_to=tweet.id, deleted_at=None, hidden_at=None)
    return Thread(_ancestors(viewer, tweet), tweet, _list(viewer, replies, _readable).page(page))


def _ancestors(viewer: User | None, tweet: Facts) -> list[Facts]:
    if tweet.reply_to_id is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute(sql.ANCESTORS, [tweet.id, MAX_ANCESTORS])
        line = [row[0] for row in cursor.fetchall()]
    found = hydrate(line, viewer_id=viewer.pk if viewer else None)
    return [ancestor for ancestor in reversed(found) if _readable(ancestor)]


@dataclass(frozen=True, slots=True)
class Version:
    """What a tweet said from `created_at` on. `mentions` are the handles that were links."""

    text: str
    sensitive: bool
    spoiler: str
    mentions: tuple[str, ...]
    created_at: datetime


def history(*, viewer: User | None, tweet_id: int, page: PageRequest) -> Page[Version]:
    """All that a tweet has said, the newest (what it says now) first. NotFound.

    An id of a repost stands for the original.
    """
    tweet = access_original(viewer=viewer, tweet_id=tweet_id)
    if tweet.edited_at is None:
        mentions = tuple(tweet.mentions or ())
        now = (tweet.text, tweet.sensitive, tweet.spoiler, mentions, tweet.created_at)
        return Page([Version(*now)])
    found = paginate(TweetVersion.objects.filter(tweet=tweet.id), page=page)
    return Page(_versions(found.results), found.next, found.previous)


def _versions(rows: Sequence[TweetVersion]) -> list[Version]:
    people = User.objects.in_bulk({pk for row in rows for pk in row.mentioned})
    versions = []
    for row in rows:
        handles = tuple(people[pk].handle for pk in row.mentioned if pk in people)
        then = (row.text, row.sensitive, row.spoiler, handles, row.created_at)
        versions.append(Version(*then))
    return versions


def user_tweets(*, viewer: User | None, user: User, page: PageRequest) -> Page[Facts]:
    """Somebody's tweets, quotes, reposts and replies to themselves. ListsHidden."""
    to_nobody_else = Q(reply_to_author=None) | Q(reply_to_author=F("author"))
    return _written_by(viewer, user, to_nobody_else, page)


def user_replies(*, viewer: User | None, user: User, page: PageRequest) -> Page[Facts]:
    """Somebody's replies to others. ListsHidden."""
    to_others = Q(reply_to_author__isnull=False) & ~Q(reply_to_author=F("author"))
    return _written_by(viewer, user, to_others, page)


def _written_by(viewer: User | None, user: User, which: Q, page: PageRequest) -> Page[Facts]:
    check_lists(viewer=viewer, user=user)
    rows = Tweet.objects.filter(which, author=user, deleted_at=None, hidden_at=None)
    rows = rows.filter(_audience(viewer, user))
    return _list(viewer, rows, _on_profile).page(page)


def _on_profile(tweet: Facts) -> bool:
    # Who opens the profile of somebody they mute wants to read them after all, but not others.
    original = tweet.original
    if original is None or original.author_id == tweet.author_id:
        return may_see(tweet)
    return may_see(tweet) and not (original.blocks or original.mutes)


def _audience(viewer: User | None, user: User) -> Q:
    """Those of `user`'s tweets that are meant for the viewer, so that others need no filtering."""
    everybody = Q(pk=None) if user.private else Q(visibility__in=EVERYBODY)
    if viewer is None:
        return everybody
    if viewer.pk == user.pk:
        return Q()
    mentioned = Mention.objects.filter(tweet=OuterRef("pk"), user=viewer)
    direct = Q(Exists(mentioned), visibility=Visibility.DIRECT)
    if _follows(viewer, user):
        return direct | ~Q(visibility=Visibility.DIRECT)
    return direct | everybody


def _follows(viewer: User, user: User) -> bool:
    edges = Follow.objects.filter(follower=viewer, followee=user)
    return edges.exclude(since_id=None).exists()


def user_likes(*, viewer: User | None, user: User, page: PageRequest) -> Page[Facts]:
    """What somebody likes, latest like first; of a private account for followers. ListsHidden."""
    check_lists(viewer=viewer, user=user)
    rows = Like.objects.filter(user=user)
    mine = viewer is not None and viewer.pk == user.pk
    if user.private and not mine and not (viewer and _follows(viewer, user)):
        rows = rows.none()
    return _list(viewer, rows, _readable, tweet="tweet_id").page(page)


def hashtag(*, viewer: User | None, tag: str, page: PageRequest) -> Page[Facts]:
    """What everybody may read of what has a hashtag, in any case; replies too.

    NotFound for what can be no hashtag.
    """
    normal = texts.normalize_tag(tag)
    if normal is None:
        raise NotFound
    rows = Hashtag.objects.filter(_for_everybody("tweet__"), tag=normal)
    return _list(viewer, rows, _readable, key="tweet_id", tweet="tweet_id").page(page)


def public(*, viewer: User | None, page: PageRequest) -> Page[Facts]:
    """What everybody may read of everybody, without replies and reposts."""
    rows = Tweet.objects.filter(_for_everybody(), reply_to_author=None, repost_of=None)
    return _list(viewer, rows, _readable).page(page)


def nearby(*, viewer: User | None, circle: Circle, page: PageRequest) -> Page[Facts]:
    """What everybody may read of what carries a place within a circle; replies too."""
    viewer_id = viewer.pk if viewer else None
    return TweetList(Near(circle), _for_everybody_too, viewer_id).page(page)


def _for_everybody_too(tweet: Facts) -> bool:
    return _readable(tweet) and not tweet.private


def _for_everybody(tweet: str = "") -> Q:
    """Standing public tweets of people who are there and not private."""
    wanted = {
        "visibility": Visibility.PUBLIC,
        "deleted_at": None,
        "hidden_at": None,
        "author__private": False,
        "author__deactivated_at": None,
        "author__suspended_at": None,
    }
    return Q(**{tweet + name: value for name, value in wanted.items()})


def quotes(*, viewer: User | None, tweet_id: int, page: PageRequest) -> Page[Facts]:
    """What quotes a tweet. NotFound."""
    tweet = access_original(viewer=viewer, tweet_id=tweet_id)
    rows = Tweet.objects.filter(quote_of=tweet.id, deleted_at=None, hidden_at=None)
    return _list(viewer, rows, _readable).page(page)


def likes(*, viewer: User | None, tweet_id: int, page: PageRequest) -> Page[User]:
    """Who likes a tweet, latest first. NotFound."""
    tweet = access_original(viewer=viewer, tweet_id=tweet_id)
    rows = Like.objects.filter(_meets("user", viewer), tweet=tweet.id).select_related("user")
    found = paginate(rows, page=page)
    return Page([row.user for row in found.results], found.next, found.previous)


def reposts(*, viewer: User | None, tweet_id: int, page: PageRequest) -> Page[User]:
    """Who reposted a tweet, latest first. NotFound."""
    tweet = access_original(viewer=viewer, tweet_id=tweet_id)
    rows = Tweet.objects.filter(_meets("author", viewer), repost_of=tweet.id)
    rows = rows.filter(deleted_at=None, hidden_at=None).select_related("author")
    found = paginate(rows, page=page)
    return Page([row.author for row in found.results], found.next, found.previous)


def _meets(person: str, viewer: User | None) -> Q:
    """People whom the viewer meets in lists: there, across no block, and if private, followed."""
    there = Q(**{f"{person}__deactivated_at": None, f"{person}__suspended_at": None})
    open_ = Q(**{f"{person}__private": False})
    if viewer is None:
        return there & open_
    them = OuterRef(f"{person}_id")
    followed = Follow.objects.filter(follower=viewer, followee=them).exclude(since_id=None)
    blocks = Block.objects.filter(blocker=viewer, blocked=them)
    blocked_by = Block.objects.filter(blocker=them, blocked=viewer)
    known = open_ | Q(**{f"{person}_id": viewer.pk}) | Q(Exists(followed))
    return there & known & ~Exists(blocks) & ~Exists(blocked_by)


def _readable(tweet: Facts) -> bool:
    return may_see(tweet) and welcome(tweet)


def _list(
    viewer: User | None,
    rows: QuerySet[Like] | QuerySet[Hashtag] | QuerySet[Tweet],
    shows: Callable[[Facts], bool],
    *,
    key: str = "pk",
    tweet: str = "pk",
) -> TweetList:
    return TweetList(Rows(rows, key, tweet), shows, viewer.pk if viewer else None)
