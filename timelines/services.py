"""Fan out, retract, merge and unmerge: what a change does to the timelines in Redis.

Everything here runs in workers, may run twice, late or in any order, and asks Postgres before it
acts. Why that is enough is told in docs/timelines.md. Celebrities are in timelines/celebrities.py.
"""

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import asdict, dataclass
from itertools import chain, pairwise

from django.conf import settings
from django.db import connection, transaction

from accounts.models import Follow, User
from outbox.services import publish
from timelines import candidates, metrics, store
from timelines.models import PulledAuthor
from tweets.models import Mention, Tweet, Visibility

# Followers that one task serves: a tenth of a second of work, so that tasks interleave fairly, a
# killed one loses little, and none outlives the broker's visibility timeout.
RANGE_SIZE = 2_000
FIRST = 0
CUTS = """
SELECT follower_id FROM (
    SELECT follower_id, row_number() OVER (ORDER BY follower_id) AS place
    FROM accounts_follow WHERE followee_id = %s AND since_id IS NOT NULL
) f WHERE place %% %s = 0 ORDER BY follower_id
"""


@dataclass(frozen=True, slots=True)
class Range:
    """A tweet, and those followers of its author whose ids are above `after` up to `up_to`."""

    tweet_id: int
    author_id: int
    after: int
    up_to: int | None


def fan_out(*, tweet_ids: Sequence[int]) -> None:
    """Push tweets to their authors' followers, or hand that on in ranges where they are many."""
    tweets = _standing(tweet_ids)
    # The author's own set, if it is warm, must never miss a tweet: it may be pulled at any time.
    store.push(_addressed((store.author(tweet.author_id), tweet.pk) for tweet in tweets))
    pulled = _pulled({tweet.author_id for tweet in tweets})
    direct = [t for t in tweets if t.visibility == Visibility.DIRECT]
    for_all = [t for t in tweets if t not in direct and t.author_id not in pulled]
    large = [t for t in for_all if t.author.followers_count > RANGE_SIZE]
    small = [t for t in for_all if t not in large]
    homes = _addressed(chain(_mentioned(direct), _followed(small)))
    metrics.pushed(sum(map(len, homes.values())), store.push(homes))
    for tweet in small:
        metrics.fanned_out(tweet.pk)
    for tweet in large:
        _hand_on(tweet)


def _addressed(deliveries: Iterable[tuple[store.Source, int]]) -> dict[store.Source, list[int]]:
    """The ids for each timeline."""
    ids: dict[store.Source, list[int]] = {}
    for source, tweet_id in deliveries:
        ids.setdefault(source, []).append(tweet_id)
    return ids


def _mentioned(direct: Sequence[Tweet]) -> Iterator[tuple[store.Source, int]]:
    """What direct tweets are delivered to: the timelines of those they mention."""
    if direct:
        rows = Mention.objects.filter(tweet__in=direct).values_list("user_id", "tweet_id")
        yield from ((store.home(user_id), tweet_id) for user_id, tweet_id in rows)


def _followed(tweets: Sequence[Tweet]) -> Iterator[tuple[store.Source, int]]:
    """What tweets of authors with few followers are delivered to, by one query for all."""
    by_author: dict[int, list[int]] = {}
    for tweet in tweets:
        by_author.setdefault(tweet.author_id, []).append(tweet.pk)
    rows = Follow.objects.filter(followee_id__in=by_author, since_id__isnull=False)
    for author_id, follower_id in rows.values_list("followee_id", "follower_id"):
        home = store.home(follower_id)
        yield from ((home, tweet_id) for tweet_id in by_author[author_id])


def _hand_on(tweet: Tweet) -> None:
    """Write an event for each range of RANGE_SIZE followers."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(CUTS, [tweet.author_id, RANGE_SIZE])
        cuts = [row[0] for row in cursor.fetchall()]
        # Who follows while this runs has a higher key or a merge of their own: no upper end.
        for after, up_to in pairwise([FIRST, *cuts, None]):
            one = Range(tweet.pk, tweet.author_id, after or FIRST, up_to)
            publish("fanout.continued", asdict(one))


def fan_out_ranges(*, ranges: Sequence[Range]) -> None:
    """Push tweets of one author to the same range of followers."""
    first = ranges[0]
    tweets = _standing([one.tweet_id for one in ranges])
    if not tweets or is_pulled(first.author_id):
        return
    tweet_ids = [tweet.pk for tweet in tweets]
    for some in _followers(first.author_id, first.after, first.up_to):
        added = store.push(dict.fromkeys(some, tweet_ids))
        metrics.pushed(len(some) * len(tweet_ids), added)
    for tweet_id in tweet_ids:
        metrics.fanned_out(tweet_id)


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
    metrics.retracts.inc()
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
    metrics.merges.inc()


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
        metrics.unmerges.inc()


def populate(*, viewer_id: int) -> bool:
    """Build a timeline if it is cold and nobody else builds it. Whether it was built here."""
    home = store.home(viewer_id)
    tokens = store.announce([home])
    if not tokens:
        return False
    authors = candidates.followees(viewer_id, pushed_only=True)
    span = candidates.below(authors, limit=settings.HOME_MAX_LENGTH)
    return metrics.populated("home", store.finish({home: span}, tokens))


def populate_authors(author_ids: list[int]) -> bool:
    """Build the sets of those authors that are cold. False where somebody else still builds one."""
    tokens = store.announce([store.author(author_id) for author_id in author_ids])
    spans = candidates.newest_of([s.owner for s in tokens], limit=settings.HOME_MAX_LENGTH)
    finished = store.finish({source: spans[source.owner] for source in tokens}, tokens)
    if not metrics.populated("author", finished, len(tokens)):
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
    return bool(_pulled({author_id}))


def _pulled(author_ids: Set[int]) -> set[int]:
    state = PulledAuthor.State.PULLED
    rows = PulledAuthor.objects.filter(author_id__in=author_ids, state=state)
    return set(rows.values_list("author_id", flat=True))


def _standing(tweet_ids: Sequence[int]) -> list[Tweet]:
    rows = Tweet.objects.filter(pk__in=tweet_ids, deleted_at=None).select_related("author")
    return list(rows.only("visibility", "author_id", "author__followers_count").order_by("pk"))


def _follows(follower_id: int, followee_id: int) -> bool:
    return Follow.objects.filter(
        follower_id=follower_id, followee_id=followee_id, since_id__isnull=False
    ).exists()
