"""Fan out, retract, merge and unmerge: what a change does to the timelines in Redis.

Everything here runs in workers, may run twice, late or in any order, and asks Postgres before it
acts. Why that is enough is told in docs/timelines.md. Celebrities are in timelines/celebrities.py.
"""

from collections.abc import Iterator

from django.conf import settings
from django.db import transaction

from accounts.models import Follow, User
from chirp.iteration import batched
from outbox.services import publish
from timelines import candidates, store
from timelines.models import PulledAuthor
from tweets.models import Mention, Tweet, Visibility

# Followers that one task serves: half a second of work at most, so that tasks interleave fairly,
# a killed one loses little, and none outlives the broker's visibility timeout.
RANGE_SIZE = 2_000
FIRST = 0


def fan_out(*, tweet_id: int) -> None:
    """Push a tweet to its author's followers, or hand that on in ranges where they are many."""
    tweet = _standing(tweet_id)
    if tweet is None:
        return
    # The author's own set, if it is warm, must never miss a tweet: it may be pulled at any time.
    store.push(tweet.pk, [store.author(tweet.author_id)])
    if tweet.visibility == Visibility.DIRECT:
        mentioned = Mention.objects.filter(tweet=tweet).values_list("user_id", flat=True)
        store.push(tweet.pk, [store.home(user_id) for user_id in mentioned])
    elif not is_pulled(tweet.author_id):
        _push_ranges(tweet)


def _push_ranges(tweet: Tweet) -> None:
    ranges = list(_ranges(tweet.author_id))
    if len(ranges) == 1:
        _push_range(tweet, *ranges[0])
        return
    with transaction.atomic():
        for after, up_to in ranges:
            payload = {"tweet_id": tweet.pk, "after": after, "up_to": up_to}
            publish("fanout.continued", payload)


def _ranges(author_id: int) -> Iterator[tuple[int, int | None]]:
    """The followers' ids cut into ranges (after, up to and including) of RANGE_SIZE people."""
    after = FIRST
    followers = Follow.objects.filter(followee_id=author_id).order_by("follower_id")
    ids = followers.values_list("follower_id", flat=True).iterator(chunk_size=RANGE_SIZE)
    last: int | None = None
    for some in batched(ids, RANGE_SIZE):
        if last is not None:
            yield after, last
            after = last
        last = some[-1]
    # Who follows while this runs has a higher key or a merge of their own: no upper end.
    yield after, None


def fan_out_range(*, tweet_id: int, after: int, up_to: int | None) -> None:
    """Push a tweet to the followers whose ids are in a range."""
    tweet = _standing(tweet_id)
    if tweet is not None and not is_pulled(tweet.author_id):
        _push_range(tweet, after, up_to)


def _push_range(tweet: Tweet, after: int, up_to: int | None) -> None:
    for some in _followers(tweet.author_id, after, up_to):
        store.push(tweet.pk, some)


def _followers(
    author_id: int, after: int = FIRST, up_to: int | None = None
) -> Iterator[list[store.Source]]:
    """The home timelines of an author's followers, in key order, RANGE_SIZE at a time."""
    rows = Follow.objects.filter(followee_id=author_id, since_id__isnull=False)
    if up_to is not None:
        rows = rows.filter(follower_id__lte=up_to)
    while some := list(
        rows.filter(follower_id__gt=after)
        .order_by("follower_id")
        .values_list("follower_id", flat=True)[:RANGE_SIZE]
    ):
        yield [store.home(follower_id) for follower_id in some]
        after = some[-1]


def retract(*, tweet_id: int) -> None:
    """Take a deleted tweet out of its author's followers' timelines. Readers do not wait for it."""
    tweet = Tweet.objects.filter(pk=tweet_id, deleted_at__isnull=False).first()
    if tweet is None:
        return
    store.remove([tweet.pk], [store.author(tweet.author_id)])
    for some in _followers(tweet.author_id):
        store.remove([tweet.pk], some)


def merge(*, follower_id: int, followee_id: int) -> None:
    """Bring a new followee's tweets into a timeline that is warm or being built."""
    home = store.home(follower_id)
    if not _follows(follower_id, followee_id) or is_pulled(followee_id) or not store.warm([home]):
        return
    spans = candidates.newest_of([followee_id], limit=settings.HOME_MAX_LENGTH)
    store.add(spans[followee_id], [home])


def unmerge(*, follower_id: int, followee_id: int) -> None:
    """Take a former followee's tweets out of a timeline.

    Reads leave them out already; this frees their room. The lock on the follower keeps a new
    follow of the same author, with its merge, from slipping in between the look and the removal.
    """
    home = store.home(follower_id)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).filter(pk=follower_id).first()
        if _follows(follower_id, followee_id) or not store.warm([home]):
            return
        spans = candidates.newest_of([followee_id], limit=settings.HOME_MAX_LENGTH)
        store.remove(spans[followee_id].ids, [home])


def populate(*, viewer_id: int) -> bool:
    """Build a timeline if it is cold and nobody else builds it. Whether it was built here."""
    home = store.home(viewer_id)
    tokens = store.announce([home])
    if not tokens:
        return False
    authors = candidates.followees(viewer_id, pushed_only=True)
    span = candidates.below(authors, limit=settings.HOME_MAX_LENGTH)
    return store.finish({home: span}, tokens)


def populate_authors(author_ids: list[int]) -> bool:
    """Build the sets of those authors that are cold. False where somebody else still builds one."""
    tokens = store.announce([store.author(author_id) for author_id in author_ids])
    spans = candidates.newest_of([s.owner for s in tokens], limit=settings.HOME_MAX_LENGTH)
    if not store.finish({source: spans[source.owner] for source in tokens}, tokens):
        return False
    return len(tokens) == len(author_ids)


def rebuild(*, viewer_id: int) -> bool:
    """Throw a viewer's timeline away and build it again."""
    store.drop([store.home(viewer_id)])
    return populate(viewer_id=viewer_id)


def forget_all() -> None:
    """Make every home timeline cold: what comes next is rebuilt from Postgres."""
    store.drop_all_homes()


def is_pulled(author_id: int) -> bool:
    """Whether this author's new tweets are left for readers to pull."""
    state = PulledAuthor.State.PULLED
    return PulledAuthor.objects.filter(author_id=author_id, state=state).exists()


def _standing(tweet_id: int) -> Tweet | None:
    return Tweet.objects.filter(pk=tweet_id, deleted_at=None).first()


def _follows(follower_id: int, followee_id: int) -> bool:
    return Follow.objects.filter(
        follower_id=follower_id, followee_id=followee_id, since_id__isnull=False
    ).exists()
