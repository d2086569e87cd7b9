"""Lists of tweets, and of the users who like or repost a tweet.

Each function takes a viewer, which is None for an anonymous visitor, and returns one page.
"""

from collections.abc import Callable

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.models import User
from chirp.errors import NotFound
from chirp.pagination import Page, PageRequest, paginate
from people.models import Block, Follow
from people.selectors import check_lists, follows
from tweets import text as texts
from tweets.models import Hashtag, Like, Mention, Tweet
from tweets.places import Circle
from tweets.read.access import access_original
from tweets.read.facts import Facts, may_see, welcome
from tweets.read.nearby import NearbyTweets
from tweets.read.paging import Rows, TweetList
from tweets.visibility import PUBLIC_OR_UNLISTED, Visibility


def user_tweets(*, viewer: User | None, user: User, page: PageRequest) -> Page[Facts]:
    """Return all tweets of `user` except their replies to others. Raises ListsHidden."""
    not_to_others = Q(reply_to_author=None) | Q(reply_to_author=F("author"))
    return _written_by(viewer, user, not_to_others, page)


def user_replies(*, viewer: User | None, user: User, page: PageRequest) -> Page[Facts]:
    """Return the replies of `user` to other accounts. Raises ListsHidden."""
    to_others = Q(reply_to_author__isnull=False) & ~Q(reply_to_author=F("author"))
    return _written_by(viewer, user, to_others, page)


def _written_by(viewer: User | None, user: User, condition: Q, page: PageRequest) -> Page[Facts]:
    check_lists(viewer=viewer, user=user)
    rows = Tweet.objects.filter(condition, author=user, deleted_at=None, hidden_at=None)
    rows = rows.filter(_audience(viewer, user))
    return tweet_list(viewer, rows, _is_shown_on_profile).page(page)


def _is_shown_on_profile(tweet: Facts) -> bool:
    # A viewer who opens the profile of a muted account wants to read that account after all, but
    # not reposts of other accounts that they mute.
    original = tweet.original
    if original is None or original.author_id == tweet.author_id:
        return may_see(tweet)
    return may_see(tweet) and not (original.blocks or original.mutes)


def _audience(viewer: User | None, user: User) -> Q:
    """Return the condition for tweets of `user` whose audience includes the viewer.

    The query itself leaves out all other tweets, so that they need not be hydrated and filtered.
    """
    open_to_all = Q(pk=None) if user.private else Q(visibility__in=PUBLIC_OR_UNLISTED)
    if viewer is None:
        return open_to_all
    if viewer.pk == user.pk:
        return Q()
    mentioned = Q(Exists(Mention.objects.filter(tweet=OuterRef("pk"), user=viewer)))
    not_direct = ~Q(visibility=Visibility.DIRECT)
    if follows(viewer=viewer, user=user):
        return not_direct | mentioned
    return open_to_all | mentioned | (not_direct & Q(reply_to_author=viewer))


def user_likes(*, viewer: User | None, user: User, page: PageRequest) -> Page[Facts]:
    """Return the tweets that `user` likes, latest like first. Raises ListsHidden.

    The likes of a private account are shown only to itself and its followers.
    """
    check_lists(viewer=viewer, user=user)
    rows = Like.objects.filter(user=user)
    mine = viewer is not None and viewer.pk == user.pk
    if user.private and not mine and not (viewer and follows(viewer=viewer, user=user)):
        rows = rows.none()
    return tweet_list(viewer, rows, is_readable, tweet="tweet_id").page(page)


def hashtag(*, viewer: User | None, tag: str, page: PageRequest) -> Page[Facts]:
    """Return the public tweets with a hashtag, regardless of case, replies included.

    Raises NotFound if `tag` is not a valid hashtag.
    """
    normal = texts.normalize_tag(tag)
    if normal is None:
        raise NotFound
    rows = Hashtag.objects.filter(_is_public("tweet__"), tag=normal)
    return tweet_list(viewer, rows, is_readable, key="tweet_id", tweet="tweet_id").page(page)


def public(*, viewer: User | None, page: PageRequest) -> Page[Facts]:
    """Return the public tweets of all accounts, without replies and reposts."""
    rows = Tweet.objects.filter(_is_public(), reply_to_author=None, repost_of=None)
    return tweet_list(viewer, rows, is_readable).page(page)


def nearby(*, viewer: User | None, circle: Circle, page: PageRequest) -> Page[Facts]:
    """Return the public tweets with a place within a circle, replies included."""
    viewer_id = viewer.pk if viewer else None
    return TweetList(NearbyTweets(circle), _is_readable_and_public, viewer_id).page(page)


def _is_readable_and_public(tweet: Facts) -> bool:
    return is_readable(tweet) and not tweet.private


def _is_public(prefix: str = "") -> Q:
    """Return the condition for public tweets that are not deleted or hidden.

    Their authors must be active and not private. `prefix` is the lookup that leads to the tweet.
    """
    wanted = {
        "visibility": Visibility.PUBLIC,
        "deleted_at": None,
        "hidden_at": None,
        "author__private": False,
        "author__deactivated_at": None,
        "author__suspended_at": None,
    }
    return Q(**{prefix + name: value for name, value in wanted.items()})


def quotes(*, viewer: User | None, tweet_id: int, page: PageRequest) -> Page[Facts]:
    """Return the quotes of a tweet, newest first. Raises NotFound."""
    tweet = access_original(viewer=viewer, tweet_id=tweet_id)
    rows = Tweet.objects.filter(quote_of=tweet.id, deleted_at=None, hidden_at=None)
    return tweet_list(viewer, rows, is_readable).page(page)


def likes(*, viewer: User | None, tweet_id: int, page: PageRequest) -> Page[User]:
    """Return the users who like a tweet, latest like first. Raises NotFound."""
    tweet = access_original(viewer=viewer, tweet_id=tweet_id)
    rows = Like.objects.filter(_is_listed("user", viewer), tweet=tweet.id).select_related("user")
    found = paginate(rows, page=page)
    return Page([row.user for row in found.results], found.next, found.previous)


def reposts(*, viewer: User | None, tweet_id: int, page: PageRequest) -> Page[User]:
    """Return the users who reposted a tweet, latest repost first. Raises NotFound."""
    tweet = access_original(viewer=viewer, tweet_id=tweet_id)
    rows = Tweet.objects.filter(_is_listed("author", viewer), repost_of=tweet.id)
    rows = rows.filter(deleted_at=None, hidden_at=None).select_related("author")
    found = paginate(rows, page=page)
    return Page([row.author for row in found.results], found.next, found.previous)


def _is_listed(field: str, viewer: User | None) -> Q:
    """Return the condition for rows whose user, in the foreign key `field`, the viewer may see.

    The user must be active, with no block in either direction, and followed by the viewer if
    private.
    """
    active = Q(**{f"{field}__deactivated_at": None, f"{field}__suspended_at": None})
    not_private = Q(**{f"{field}__private": False})
    if viewer is None:
        return active & not_private
    user = OuterRef(f"{field}_id")
    followed = Follow.objects.filter(follower=viewer, followee=user).exclude(since_id=None)
    blocks = Block.objects.filter(blocker=viewer, blocked=user)
    blocked_by = Block.objects.filter(blocker=user, blocked=viewer)
    visible = not_private | Q(**{f"{field}_id": viewer.pk}) | Q(Exists(followed))
    return active & visible & ~Exists(blocks) & ~Exists(blocked_by)


def is_readable(tweet: Facts) -> bool:
    """Return whether lists show a tweet: the viewer may see it and wants to (see `welcome`)."""
    return may_see(tweet) and welcome(tweet)


def tweet_list(
    viewer: User | None,
    rows: QuerySet[Like] | QuerySet[Hashtag] | QuerySet[Tweet],
    is_shown: Callable[[Facts], bool],
    *,
    key: str = "pk",
    tweet: str = "pk",
) -> TweetList:
    """Return the list of the tweets in `rows` for which `is_shown` returns true.

    `key` is the column that orders the list, and `tweet` the column with the ids of the tweets.
    """
    return TweetList(Rows(rows, key, tweet), is_shown, viewer.pk if viewer else None)
