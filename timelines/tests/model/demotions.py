"""Steps in which authors are promoted and demoted while others post, follow and read."""

import math
from functools import partial
from typing import NamedTuple

from django.conf import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from accounts.models import User
from chirp.redis.client import guarded
from outbox.models import Event
from outbox.relaying import Delivery as Sent
from people import services as people
from timelines import celebrities, store
from timelines.tests.model.reading import Reading
from timelines.tests.model.world import INDEX, USER, USERS, ignore_refusals
from timelines.tests.model.writing import Writing
from tweets.posting import post_tweet

UNREACHED = 99  # a threshold that no author reaches
TOPIC = "demotion.continued"
MEANS = st.sampled_from(["override", "threshold"])
# The names of methods below (`_act_...`). Each takes the author and a number, which selects a user
# or an event, or is a limit.
ACTIONS = st.sampled_from(
    [
        *("step", "step", "step_without_redis", "interrupt_step", "stale_step"),
        *("post", "post_and_deliver", "follow", "unfollow", "rebuild", "read", "check"),
    ]
)


class Demotion(NamedTuple):
    """A demotion: the actions before it, between its steps and, if it gets that far, after it."""

    tweets: int  # tweets before it, which are not pushed because their author is pulled
    stale_step: int | None  # which step of an earlier demotion runs at the beginning
    steps: int  # steps before the other actions
    actions: list[tuple[str, int]]


DEMOTIONS = st.builds(
    Demotion,
    tweets=st.integers(1, 3),
    stale_step=st.sampled_from([None, None, 0, 1]),
    steps=st.integers(0, 3),
    actions=st.lists(st.tuples(ACTIONS, INDEX), max_size=6),
)
LARGE = st.sampled_from([2, 3, 5, 30])  # limits; a limit of 1 is slow, and other steps test it


class Demotions(Reading, Writing):
    """Promotions and demotions. A demotion takes steps, and other actions happen in between."""

    def __init__(self) -> None:
        super().__init__()
        self.steps: list[Sent] = []  # steps of demotions that a paused worker may run again

    @rule(threshold=st.sampled_from([1, 2, 3, 3, 5]))
    def change_threshold(self, threshold: int) -> None:
        """An operator changes the threshold."""
        settings.CELEBRITY_FOLLOWERS = threshold
        celebrities.review_all()

    @rule(user=USER, decision=st.sampled_from(["pull", "push", None]))
    def override(self, user: int, decision: str | None) -> None:
        """An operator sets or removes the override of an author."""
        celebrities.set_override(author=self.user(user), decision=decision)

    @initialize(
        user=USER, means=MEANS, demotions=st.lists(DEMOTIONS, min_size=1, max_size=3), limit=LARGE
    )
    def begin_with_demotions(
        self, user: int, means: str, demotions: list[Demotion], limit: int
    ) -> None:
        """Every example has demotions: random steps alone seldom reach the middle of one."""
        if not self.tweets:
            self.begin(1, limit)  # without tweets, a forgotten timeline would not be noticed
        self.promote_and_demote(user, means, demotions, limit)

    @rule(user=USER, means=MEANS, demotion=DEMOTIONS, limit=LARGE)
    def another_demotion(self, user: int, means: str, demotion: Demotion, limit: int) -> None:
        """Run one more demotion after other steps."""
        self.promote_and_demote(user, means, [demotion], limit)

    def promote_and_demote(
        self, user: int, means: str, demotions: list[Demotion], limit: int
    ) -> None:
        """An author is promoted, posts and is demoted; again while the last demotion is running."""
        self.deliver_everything()
        self.steps.clear()
        author = self.user(user)
        for demotion in demotions:
            self._decide(author, means, "pull")
            for _ in range(demotion.tweets):
                self._act_post(author, 0)
            self.deliver(but=TOPIC)
            self.read_first_pages(limit)
            self._decide(author, means, "push")
            self._demote(author, demotion)
        self.deliver_everything()
        self.check_all(limit)

    def _decide(self, author: User, means: str, decision: str) -> None:
        """Promote or demote the author, by an override or by the threshold."""
        if means == "threshold":
            author.refresh_from_db(fields=["followers_count"])
            demote = decision == "push"
            settings.CELEBRITY_FOLLOWERS = UNREACHED if demote else max(author.followers_count, 1)
        celebrities.set_override(author=author, decision=decision if means == "override" else None)

    def _demote(self, author: User, demotion: Demotion) -> None:
        if demotion.stale_step is not None:
            self._act_stale_step(author, demotion.stale_step)
        for _ in range(demotion.steps):
            self._act_step(author, 0)
        for action, number in demotion.actions:
            getattr(self, f"_act_{action}")(author, number)

    def _act_step(self, author: User, number: int) -> None:
        """Run the next step of the demotion."""
        event = Event.objects.filter(topic=TOPIC, payload__author_id=author.pk).first()
        if event is not None:
            self.steps.append(Sent(event.consumers[0], event))
            self.run_task(self.steps[-1])

    def _act_step_without_redis(self, author: User, number: int) -> None:
        """The next step fails because Redis is not available."""
        guarded.open_until = math.inf
        self._act_step(author, number)
        guarded.reset()

    def _act_interrupt_step(self, author: User, number: int) -> None:
        """In the middle of the next step the worker is killed, or Redis is emptied."""
        action = self._kill_process if number % 2 else self._empty_redis
        self.interruptions["ids are merged"] = partial(action, 0, 0)
        self._act_step(author, number)
        self.interruptions.clear()

    def _act_stale_step(self, author: User, number: int) -> None:
        """A worker that was paused resumes a step that is already done."""
        if self.steps:
            event = self.steps[-1 - number % len(self.steps)]
            self.attempt(event, partial(self.run_without_check, event))

    def _act_post(self, author: User, number: int) -> None:
        """The author posts."""
        self.remember(post_tweet(author=author, text="look at me"))

    def _act_post_and_deliver(self, author: User, number: int) -> None:
        """The author posts, and the tweet is fanned out before the demotion continues."""
        self._act_post(author, number)
        self.deliver(but=TOPIC)

    def _act_follow(self, author: User, number: int) -> None:
        """A user follows the author, after unfollowing if necessary."""
        self._act_unfollow(author, number)
        with ignore_refusals():
            people.follow(follower=self.user(number % USERS), followee=author)
        self.deliver(but=TOPIC)

    def _act_unfollow(self, author: User, number: int) -> None:
        """A user unfollows the author."""
        with ignore_refusals():
            people.unfollow(follower=self.user(number % USERS), followee=author)
        self.deliver(but=TOPIC)

    def _act_rebuild(self, author: User, number: int) -> None:
        """All timelines are dropped and built again."""
        store.drop([store.author(author.pk), *map(store.home, self.user_ids)])
        self.read_first_pages(number + 1)

    def _act_read(self, author: User, number: int) -> None:
        """All users read the first page."""
        self.read_first_pages(number + 1)

    def _act_check(self, author: User, number: int) -> None:
        """Check that timelines are correct while only steps of demotions are pending."""
        self.deliver(but=TOPIC)
        self.check_all(number + 2)
