"""People for one round, and what the round leaves behind once everything owed is done."""

import itertools

from django.db import connection
from django.db.models import F

from accounts.models import User
from chirp.ids import draw
from outbox import services as outbox
from people.models import Follow
from timelines import oracle, services, store
from tools.races.moves import deliver
from tweets.models import Tweet

LIMITS = (2, 50)
MAKE_DUE = "UPDATE outbox_event SET due_at = clock_timestamp() - interval '1 second'"
DELIVERIES_AT_MOST = 50


class Stage:
    """Makes people and tweets as cheaply as rows can be made, and judges their timelines."""

    def __init__(self) -> None:
        self._numbers = itertools.count(User.objects.count())
        self.warm = self.judged = 0

    def people(self, count: int) -> list[User]:
        """So many people whom nobody follows yet."""
        handles = [f"racer{next(self._numbers)}" for _ in range(count)]
        users = [User(handle=h, email=f"{h}@example.org", password="!") for h in handles]
        return list(User.objects.bulk_create(users))

    def follow(self, *pairs: tuple[User, User]) -> None:
        """Let each first follow each second. Nothing is owed for it."""
        since = draw(len(pairs))
        Follow.objects.bulk_create(
            Follow(follower=one, followee=other, since_id=id_)
            for (one, other), id_ in zip(pairs, since, strict=True)
        )
        for one, other in pairs:
            User.objects.filter(pk=one.pk).update(following_count=F("following_count") + 1)
            User.objects.filter(pk=other.pk).update(followers_count=F("followers_count") + 1)

    def tweets(self, author: User, count: int) -> list[int]:
        """Tweets that were written before the race, oldest first. Nothing is owed for them."""
        rows = [Tweet(pk=id_, author=author, text="before") for id_ in draw(count)]
        return [int(tweet.pk) for tweet in Tweet.objects.bulk_create(rows)]

    def warm_up(self, *viewers: User) -> None:
        """Have these timelines in Redis."""
        for viewer in viewers:
            assert services.populate(viewer_id=viewer.pk)

    def judge(self, *viewers: User) -> list[str]:
        """Deliver what is owed; what then differs from the oracle, in words."""
        settle()
        wrong = []
        for viewer in viewers:
            self.judged += 1
            # A cold one is built by the look at it, and says little.
            self.warm += store.peek(store.home(viewer.pk))[0] is not None
            found = [oracle.verify(viewer, limit=limit) for limit in LIMITS]
            wrong += [_in_words(each) for each in found if each is not None]
        return wrong


def settle() -> None:
    """Deliver everything that is owed, also what failed and would be tried again later."""
    for _ in range(DELIVERIES_AT_MOST):
        with connection.cursor() as cursor:
            cursor.execute(MAKE_DUE)
        while deliver(limit=outbox.RELAY_BATCH):
            pass
        if not outbox.owed():
            return
    raise AssertionError("What is owed does not become less.")


def _in_words(found: oracle.Difference) -> str:
    floor, ids = store.peek(store.home(found.viewer.pk))
    return (
        f"{found.viewer}, page {found.page}: the oracle says {found.expected}, "
        f"read was {found.read}; in Redis {ids} above {floor}"
    )
