"""Lists of tweets, and of the users who like or repost a tweet.

Each function takes a viewer, which is None for an anonymous visitor, and returns one page. Lists of
a user take `follows`, which is what people.selectors.check_lists returns, from callers that know.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from accounts.models import User
from chirp.errors import NotFound
from chirp.pagination import Page, PageRequest
from filters.models import Context
from people.selectors import check_lists
from tweets import text as texts
from tweets.models import Bookmark, Pin
from tweets.places import Circle
from tweets.read.access import access_original
from tweets.read.facts import Facts, may_see, welcome
from tweets.read.filtered import UNFILTERED, Sieve
from tweets.read.hydrate import hydrate
from tweets.read.merged import merged
from tweets.read.nearby import nearby_tweets
from tweets.read.paging import FilteredList, Query, Rows
from tweets.sql import lists as sql
from tweets.sql.windows import Scans
from tweets.visibility import Visibility

OPEN = (Visibility.PUBLIC, Visibility.UNLISTED)
FOR_FOLLOWERS = (*OPEN, Visibility.FOLLOWERS)
EVERY = (*FOR_FOLLOWERS, Visibility.DIRECT)
# For lists whose rows are not divided by visibility.
UNDIVIDED = {"visibilities": ("public",)}


def user_tweets(
    *, viewer: User | None, user: User, page: PageRequest, follows: bool | None = None
) -> Page[Facts]:
    """Return all tweets of `user` except their replies to others. Raises ListsHidden."""
    return _written_by(viewer, user, sql.POSTS, page, follows=follows)


def pinned(*, viewer: User | None, user: User) -> list[Facts]:
    """Return the tweets that `user` pinned, the latest pin first. Raises ListsHidden."""
    check_lists(viewer=viewer, user=user)
    ids = list(Pin.objects.filter(user=user).order_by("-pk").values_list("tweet", flat=True))
    load = loader(viewer, _is_shown_on_profile, Sieve.of(viewer, Context.PROFILE))
    found = load(ids) if ids else {}
    return [found[id_] for id_ in ids if id_ in found]


def user_replies(
    *, viewer: User | None, user: User, page: PageRequest, follows: bool | None = None
) -> Page[Facts]:
    """Return the replies of `user` to other accounts. Raises ListsHidden."""
    return _written_by(viewer, user, sql.ANSWERS, page, follows=follows)


def user_media(
    *, viewer: User | None, user: User, page: PageRequest, follows: bool | None = None
) -> Page[Facts]:
    """Return the tweets of `user` with pictures, videos or recordings. Raises ListsHidden."""
    return _written_by(
        viewer, user, sql.WITH_MEDIA, page, is_shown=_shows_media_on_profile, follows=follows
    )


def _written_by(
    viewer: User | None,
    user: User,
    scans: Scans,
    page: PageRequest,
    *,
    is_shown: Callable[[Facts], bool] | None = None,
    follows: bool | None = None,
) -> Page[Facts]:
    if follows is None:
        follows = check_lists(viewer=viewer, user=user)
    if not user.is_active:
        return Page([])
    options = {"of": user.pk, "visibilities": _visibilities(viewer, user, follows=follows)}
    sieve = Sieve.of(viewer, Context.PROFILE)
    is_shown = is_shown or _is_shown_on_profile
    return _tweets(viewer, scans, options, page, sieve, is_shown=is_shown)


def user_everything(
    *,
    viewer: User | None,
    user: User,
    page: PageRequest,
    replies: bool = True,
    reposts: bool = True,
    tag: str | None = None,
) -> Page[Facts]:
    """Return all tweets of `user`, without replies to others or reposts if not wanted.

    With `tag`, only those with this hashtag. Raises ListsHidden.
    """
    normal = None if tag is None else texts.normalize_tag(tag)

    def is_wanted(tweet: Facts) -> bool:
        is_tagged = tag is None or normal in texts.hashtags(tweet.text)
        return (reposts or tweet.repost_of_id is None) and is_tagged and _is_shown_on_profile(tweet)

    return _written_by(
        viewer, user, sql.EVERYTHING if replies else sql.POSTS, page, is_shown=is_wanted
    )


def _is_shown_on_profile(tweet: Facts) -> bool:
    # A viewer who opens the profile of a muted account wants to read that account after all, but
    # not reposts of other accounts that they mute.
    original = tweet.original
    if original is None or original.author_id == tweet.author_id:
        return may_see(tweet)
    return may_see(tweet) and not (original.blocks or original.mutes)


def _shows_media_on_profile(tweet: Facts) -> bool:
    return tweet.media_count > 0 and _is_shown_on_profile(tweet)


def _visibilities(viewer: User | None, user: User, *, follows: bool) -> tuple[Visibility, ...]:
    """Return the visibilities of those tweets of `user` that the viewer may see one and all."""
    if viewer is not None and viewer.pk == user.pk:
        return EVERY
    if follows:
        return FOR_FOLLOWERS
    return () if user.private else OPEN


def user_likes(
    *, viewer: User | None, user: User, page: PageRequest, follows: bool | None = None
) -> Page[Facts]:
    """Return the tweets that `user` likes, latest like first. Raises ListsHidden.

    The likes of a private account are shown only to itself and its followers.
    """
    if follows is None:
        follows = check_lists(viewer=viewer, user=user)
    if user.private and not _visibilities(viewer, user, follows=follows):
        return Page([])
    return _tweets(viewer, sql.LIKED, {"of": user.pk}, page, Sieve.of(viewer, Context.PROFILE))


def bookmarks(*, viewer: User, page: PageRequest) -> Page[Facts]:
    """Return the tweets that the viewer bookmarked, latest bookmark first.

    Tweets of accounts that the viewer mutes, and those that filters find, are included, because
    the viewer chose them.
    """
    rows = Rows(Bookmark.objects.filter(user=viewer), id="tweet_id")
    return FilteredList(rows, loader(viewer, _is_kept)).page(page)


def _is_kept(tweet: Facts) -> bool:
    return may_see(tweet) and not tweet.blocks


def hashtag(
    *,
    viewer: User | None,
    tag: str,
    page: PageRequest,
    only_media: bool = False,
    every: Collection[str] = (),
    none: Collection[str] = (),
) -> Page[Facts]:
    """Return the public tweets with a hashtag, regardless of case, replies included.

    They have media if `only_media`, all hashtags in `every`, and none of those in `none`. Raises
    NotFound if `tag` is not a valid hashtag.
    """
    normal = texts.normalize_tag(tag)
    if normal is None:
        raise NotFound
    needed, unwanted = set(map(texts.normalize_tag, every)), set(map(texts.normalize_tag, none))

    def is_wanted(tweet: Facts) -> bool:
        tags = set(texts.hashtags(tweet.text)) if needed or unwanted else set()
        is_tagged = needed <= tags and not unwanted & tags
        return is_tagged and _has_media(tweet, only_media) and is_readable(tweet)

    options = {"of": normal, "audience": "public", **UNDIVIDED}
    by_author, sieve = sql.TAGGED_BY_AUTHOR, Sieve.of(viewer, Context.PUBLIC)
    return _tweets(
        viewer, sql.TAGGED, options, page, sieve, by_author=by_author, is_shown=is_wanted
    )


def hashtags(
    *, viewer: User | None, tags: Sequence[str], page: PageRequest, **options: Any
) -> Page[Facts]:
    """Return the public tweets with any of these hashtags, as `hashtag` does for one of them.

    Those after the first that are no valid hashtags are left out. Raises NotFound if the first one
    is not.
    """
    others = dict.fromkeys(filter(texts.normalize_tag, tags[1:]))
    pages = [
        hashtag(viewer=viewer, tag=tag, page=page, **options)
        for tag in dict.fromkeys([*tags[:1], *others])
    ]
    return pages[0] if len(pages) == 1 else merged(pages, page)


def public(*, viewer: User | None, page: PageRequest, only_media: bool = False) -> Page[Facts]:
    """Return the public tweets of all accounts, without replies and reposts."""

    def is_wanted(tweet: Facts) -> bool:
        return _has_media(tweet, only_media) and is_readable(tweet)

    options = {"audience": "public", **UNDIVIDED}
    sieve = Sieve.of(viewer, Context.PUBLIC)
    return _tweets(viewer, sql.PUBLIC, options, page, sieve, is_shown=is_wanted)


def _has_media(tweet: Facts, only_media: bool) -> bool:
    return tweet.media_count > 0 or not only_media


def nearby(*, viewer: User | None, circle: Circle, page: PageRequest) -> Page[Facts]:
    """Return the public tweets with a place within a circle, replies included."""
    candidates = nearby_tweets(circle, viewer_id=viewer.pk if viewer else None)
    load = loader(viewer, _is_readable_and_public, Sieve.of(viewer, Context.PUBLIC))
    return FilteredList(candidates, load).page(page)


def _is_readable_and_public(tweet: Facts) -> bool:
    return is_readable(tweet) and not tweet.private


def replies(*, viewer: User | None, tweet: Facts, page: PageRequest, sieve: Sieve) -> Page[Facts]:
    """Return the replies to a tweet, newest first. `sieve` has the viewer's filters for threads."""
    options: dict[str, object] = {"of": tweet.id, "audience": "all", "visibilities": OPEN}
    if tweet.mine:  # what answers the viewer reaches them, whomever they follow
        options |= {"audience": "addressed", "visibilities": FOR_FOLLOWERS}
    return _tweets(viewer, sql.REPLIES, options, page, sieve, by_author=sql.REPLIES_BY_AUTHOR)


def quotes(*, viewer: User | None, tweet_id: int, page: PageRequest) -> Page[Facts]:
    """Return the quotes of a tweet that it was not detached from, newest first. Raises NotFound."""
    tweet = access_original(viewer=viewer, tweet_id=tweet_id)
    options = {"of": tweet.id, "audience": "all", "visibilities": OPEN}
    by_author, sieve = sql.QUOTES_BY_AUTHOR, Sieve.of(viewer, Context.THREAD)
    return _tweets(
        viewer, sql.QUOTES, options, page, sieve, by_author=by_author, is_shown=_is_quote
    )


def likes(*, viewer: User | None, tweet_id: int, page: PageRequest) -> Page[User]:
    """Return the users who like a tweet, latest like first. Raises NotFound."""
    return _users(viewer, sql.LIKERS, tweet_id, page)


def reposts(*, viewer: User | None, tweet_id: int, page: PageRequest) -> Page[User]:
    """Return the users who reposted a tweet, latest repost first. Raises NotFound."""
    return _users(viewer, sql.REPOSTERS, tweet_id, page)


def _users(viewer: User | None, scans: Scans, tweet_id: int, page: PageRequest) -> Page[User]:
    """Return a page of the users who did something to a tweet.

    The query leaves out users who are deactivated or suspended, with a block in either direction,
    or private and not followed by the viewer.
    """
    tweet = access_original(viewer=viewer, tweet_id=tweet_id)
    options = {"of": tweet.id, "audience": "all", **UNDIVIDED}
    query = Query(scans, {"viewer": viewer.pk if viewer else None, **options})
    return FilteredList(query, User.objects.in_bulk).page(page)


def is_readable(tweet: Facts) -> bool:
    """Return whether lists show a tweet: the viewer may see it and wants to (see `welcome`)."""
    return may_see(tweet) and welcome(tweet)


def is_found_publicly(tweet: Facts) -> bool:
    """Return whether public timelines show a tweet, be it a reply or not.

    Their queries know the same as the audience `public` (tweets/sql/windows.py).
    """
    is_public = tweet.visibility == Visibility.PUBLIC and not tweet.private
    return is_public and (tweet.mine or tweet.follows or not tweet.limited) and is_readable(tweet)


def _is_quote(tweet: Facts) -> bool:
    return is_readable(tweet) and not tweet.quote_detached


def _tweets(
    viewer: User | None,
    scans: Scans,
    options: Mapping[str, object],
    page: PageRequest,
    sieve: Sieve,
    *,
    by_author: Scans | None = None,
    is_shown: Callable[[Facts], bool] = is_readable,
) -> Page[Facts]:
    """Return a page of the candidates that `is_shown` and the viewer's filters let through."""
    query = Query(scans, {"viewer": viewer.pk if viewer else None, **options}, by_author)
    return FilteredList(query, loader(viewer, is_shown, sieve)).page(page)


def loader(
    viewer: User | None, is_shown: Callable[[Facts], bool], sieve: Sieve = UNFILTERED
) -> Callable[[list[int]], dict[int, Facts]]:
    """Return a function that loads the tweets with some ids that the viewer is shown."""

    def load(ids: list[int]) -> dict[int, Facts]:
        found = hydrate(ids, viewer_id=viewer.pk if viewer else None)
        return {tweet.id: tweet for tweet in sieve.sift([t for t in found if is_shown(t)])}

    return load
