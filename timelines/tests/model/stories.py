"""Steps that are short stories: many things that happen between two people.

Chance alone seldom comes back to the same people before the example ends.
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
from timelines.tests.model.world import PEOPLE, WHO, refused
from timelines.tests.model.writing import Writing
from tweets import marks
from tweets.models import Tweet
from tweets.posting import post_tweet

Happenings = list[str]
# Steps along the ring: in the beginning everybody follows the next three, and not the last.
OTHERS = st.sampled_from([(1, 2), (2, 1), (3, 1), (2, 3), (1, 4), (4, 1)])


def happenings(*kinds: str) -> st.SearchStrategy[Happenings]:
    """Some things of these kinds, one after another."""
    return st.lists(st.sampled_from(kinds), min_size=3, max_size=9)


class Stories(Reading, Writing):
    """Following, hiding, and all back."""

    @rule(
        who=WHO,
        others=OTHERS,
        what=happenings(
            *("follow", "unfollow", "mute", "unmute", "block", "unblock"),
            *("post", "post", "whisper", "edit", "repost", "deliver", "deliver"),
            *("read", "read", "evict"),
        ),
    )
    def affair(self, who: int, others: tuple[int, int], what: Happenings) -> None:
        """Somebody follows and hides somebody who posts, and whom a third reposts."""
        one, other, third = (self.person((who + step) % PEOPLE) for step in (0, *others))
        acts: dict[str, Callable[[], object]] = {
            "follow": partial(people.follow, follower=one, followee=other),
            "unfollow": partial(people.unfollow, follower=one, followee=other),
            "mute": partial(people.mute, muter=one, muted=other),
            "unmute": partial(people.unmute, muter=one, muted=other),
            "block": partial(people.block, blocker=one, blocked=other),
            "unblock": partial(people.unblock, blocker=one, blocked=other),
            "post": partial(self._post_as, other),
            "whisper": partial(self._post_as, other, f"@{one.handle}", "direct"),
            "edit": partial(self._edit_latest, other),
            "repost": partial(self._repost, third, other),
            "deliver": self.turn,
            "read": partial(self.look, one, 3),
            "evict": partial(self._evict, store.home(one.pk)),
        }
        for happening in what:
            with refused():
                acts[happening]()

    def _post_as(
        self, author: User, text: str = "once upon a time", visibility: str = "public"
    ) -> None:
        self.keep(post_tweet(author=author, text=text, visibility=visibility))

    def _edit_latest(self, author: User) -> None:
        if latest := _latest(author):
            self.change(latest, "there was a bird")

    def _repost(self, user: User, author: User) -> None:
        if latest := _latest(author):
            self.keep(marks.repost(user=user, tweet_id=latest.pk))

    def _evict(self, source: store.Source) -> None:
        with suppress(RedisAway):
            store.drop([source])


def _latest(author: User) -> Tweet | None:
    written = Tweet.objects.filter(author=author, repost_of=None, deleted_at=None)
    return written.order_by("pk").last()
