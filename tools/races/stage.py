"""Creates the accounts of a round, and checks their timelines once the outbox is empty."""

import itertools

from django.db import connection
from django.db.models import F

from accounts.models import User
from chirp.ids import draw
from outbox import relaying
from outbox import services as outbox
from people.models import Follow
from timelines import oracle, services, store
from tools.races.moves import deliver
from tweets.models import Tweet

LIMITS = (2, 50)
MAKE_DUE = "UPDATE outbox_event SET due_at = clock_timestamp() - interval '1 second'"
MAX_ATTEMPTS = 50


class Stage:
    """Creates accounts and tweets, directly as rows, and compares timelines with the oracle."""

    def __init__(self) -> None:
        self._numbers = itertools.count(User.objects.count())
        self.warm = self.compared = 0

    def people(self, count: int) -> list[User]:
        """Create `count` accounts without followers."""
        handles = [f"racer{next(self._numbers)}" for _ in range(count)]
        users = [User(handle=h, email=f"{h}@example.org", password="!") for h in handles]
        return list(User.objects.bulk_create(users))

    def follow(self, *pairs: tuple[User, User]) -> None:
        """Make the first account of each pair follow the second, without an event."""
        since = draw(len(pairs))
        Follow.objects.bulk_create(
            Follow(follower=one, followee=other, since_id=id_)
            for (one, other), id_ in zip(pairs, since, strict=True)
        )
        for one, other in pairs:
            User.objects.filter(pk=one.pk).update(following_count=F("following_count") + 1)
            User.objects.filter(pk=other.pk).update(followers_count=F("followers_count") + 1)

    def tweets(self, author: User, count: int) -> list[int]:
        """Create tweets from before the race, without events. Returns their ids, oldest first."""
        rows = [Tweet(pk=id_, author=author, text="before") for id_ in draw(count)]
        return [int(tweet.pk) for tweet in Tweet.objects.bulk_create(rows)]

    def warm_up(self, *viewers: User) -> None:
        """Build the timelines of these viewers in Redis."""
        for viewer in viewers:
            assert services.populate(viewer_id=viewer.pk)

    def find_errors(self, *viewers: User) -> list[str]:
        """Empty the outbox, and describe each timeline that then differs from the oracle."""
        deliver_all()
        wrong = []
        for viewer in viewers:
            self.compared += 1
            # Comparing a cold timeline builds it, and cannot show an earlier error.
            self.warm += store.peek(store.home(viewer.pk))[0] is not None
            found = [oracle.verify(viewer, limit=limit) for limit in LIMITS]
            wrong += [_description(each) for each in found if each is not None]
        return wrong


def deliver_all() -> None:
    """Empty the outbox, including events whose next attempt is not due yet."""
    for _ in range(MAX_ATTEMPTS):
        with connection.cursor() as cursor:
            cursor.execute(MAKE_DUE)
        while deliver(limit=relaying.RELAY_BATCH):
            pass
        if not outbox.owed():
            return
    raise AssertionError("The outbox does not become empty.")


def _description(found: oracle.Difference) -> str:
    floor, ids = store.peek(store.home(found.viewer.pk))
    return (
        f"{found.viewer}, page {found.page}: expected {found.expected}, "
        f"read {found.read}; in Redis {ids} above {floor}"
    )
