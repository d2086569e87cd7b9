"""Steps that are random sequences of actions between two or three users.

Single random steps seldom involve the same users again before the example ends.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import partial

from hypothesis import strategies as st
from hypothesis.stateful import rule

from accounts.models import User
from chirp.redis.client import RedisAway
from people import services as people
from timelines import store
from timelines.tests.model.reading import Reading
from timelines.tests.model.world import USER, USERS, ignore_refusals
from timelines.tests.model.writing import Writing
from tweets import marks
from tweets.models import Tweet
from tweets.posting import post_tweet

Actions = list[str]
# Steps along the ring. At the beginning each user follows the next three, and not the last.
OTHERS = st.sampled_from([(1, 2), (2, 1), (3, 1), (2, 3), (1, 4), (4, 1)])


def sequences_of(*actions: str) -> st.SearchStrategy[Actions]:
    """Return a strategy for sequences of these actions."""
    return st.lists(st.sampled_from(actions), min_size=3, max_size=9)


class Interactions(Reading, Writing):
    """Sequences of following, hiding and undoing both, with posts and reads in between."""

    @rule(
        user=USER,
        others=OTHERS,
        sequence=sequences_of(
            *("follow", "unfollow", "mute", "unmute", "block", "unblock"),
            *("post", "post", "direct", "edit", "repost", "deliver", "deliver"),
            *("read", "read", "evict"),
        ),
    )
    def act_between_two_users(self, user: int, others: tuple[int, int], sequence: Actions) -> None:
        """A user follows and hides another user, who posts, and a third user reposts the tweets."""
        one, other, third = (self.user((user + step) % USERS) for step in (0, *others))
        calls: dict[str, Callable[[], object]] = {
            "follow": partial(people.follow, follower=one, followee=other),
            "unfollow": partial(people.unfollow, follower=one, followee=other),
            "mute": partial(people.mute, muter=one, muted=other),
            "unmute": partial(people.unmute, muter=one, muted=other),
            "block": partial(people.block, blocker=one, blocked=other),
            "unblock": partial(people.unblock, blocker=one, blocked=other),
            "post": partial(self._post_as, other),
            "direct": partial(self._post_as, other, f"@{one.handle}", "direct"),
            "edit": partial(self._edit_latest, other),
            "repost": partial(self._repost, third, other),
            "deliver": self.deliver_round,
            "read": partial(self.read_and_check, one, 3),
            "evict": partial(self._evict, store.home(one.pk)),
        }
        for action in sequence:
            with ignore_refusals():
                calls[action]()

    def _post_as(
        self, author: User, text: str = "once upon a time", visibility: str = "public"
    ) -> None:
        self.remember(post_tweet(author=author, text=text, visibility=visibility))

    def _edit_latest(self, author: User) -> None:
        if latest := _latest(author):
            self.change_text(latest, "there was a bird")

    def _repost(self, user: User, author: User) -> None:
        if latest := _latest(author):
            self.remember(marks.repost(user=user, tweet_id=latest.pk))

    def _evict(self, source: store.Source) -> None:
        with suppress(RedisAway):
            store.drop([source])


def _latest(author: User) -> Tweet | None:
    written = Tweet.objects.filter(author=author, repost_of=None, deleted_at=None)
    return written.order_by("pk").last()
