"""Reads about tweets: each for one viewer, None for somebody who is signed out."""

from collections.abc import Callable

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.models import User
from chirp.errors import NotFound
from chirp.pagination import Page, PageRequest, paginate
from people.models import Block, Follow
from people.selectors import check_lists
from tweets import text as texts
from tweets.models import Hashtag, Like, Mention, Tweet
from tweets.places import Circle
from tweets.read.access import EVERYBODY, access_original
from tweets.read.facts import Facts, may_see, welcome
from tweets.read.nearby import Near
from tweets.read.paging import Rows, TweetList
from tweets.visibility import Visibility


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
    return tweet_list(viewer, rows, _on_profile).page(page)


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
    return tweet_list(viewer, rows, is_readable, tweet="tweet_id").page(page)


def hashtag(*, viewer: User | None, tag: str, page: PageRequest) -> Page[Facts]:
    """What everybody may read of what has a hashtag, in any case; replies too.

    NotFound for what can be no hashtag.
    """
    normal = texts.normalize_tag(tag)
    if normal is None:
        raise NotFound
    rows = Hashtag.objects.filter(_for_everybody("tweet__"), tag=normal)
    return tweet_list(viewer, rows, is_readable, key="tweet_id", tweet="tweet_id").page(page)


def public(*, viewer: User | None, page: PageRequest) -> Page[Facts]:
    """What everybody may read of everybody, without replies and reposts."""
    rows = Tweet.objects.filter(_for_everybody(), reply_to_author=None, repost_of=None)
    return tweet_list(viewer, rows, is_readable).page(page)


def nearby(*, viewer: User | None, circle: Circle, page: PageRequest) -> Page[Facts]:
    """What everybody may read of what carries a place within a circle; replies too."""
    viewer_id = viewer.pk if viewer else None
    return TweetList(Near(circle), _for_everybody_too, viewer_id).page(page)


def _for_everybody_too(tweet: Facts) -> bool:
    return is_readable(tweet) and not tweet.private


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
    return tweet_list(viewer, rows, is_readable).page(page)


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


def is_readable(tweet: Facts) -> bool:
    """Whether lists show a tweet: the viewer may see it, and mutes and blocks no author of it."""
    return may_see(tweet) and welcome(tweet)


def tweet_list(
    viewer: User | None,
    rows: QuerySet[Like] | QuerySet[Hashtag] | QuerySet[Tweet],
    shows: Callable[[Facts], bool],
    *,
    key: str = "pk",
    tweet: str = "pk",
) -> TweetList:
    """The list of the tweets of `rows` that `shows` lets in, by the columns `key` and `tweet`."""
    return TweetList(Rows(rows, key, tweet), shows, viewer.pk if viewer else None)
