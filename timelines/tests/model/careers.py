"""Steps of celebrities, who rise and fall while others post, follow, read and forget."""

import math
from functools import partial
from typing import NamedTuple

from django.conf import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from accounts.models import User
from chirp.redis.client import guarded
from outbox.models import Event
from outbox.services import Delivery as Sent
from people import services as people
from timelines import celebrities, store
from timelines.tests.model.reading import Reading
from timelines.tests.model.world import PEOPLE, WHICH, WHO, refused
from timelines.tests.model.writing import Writing
from tweets.posting import post_tweet

MANY = 99  # a threshold that nobody reaches
DEMOTION = "demotion.continued"
WAYS = st.sampled_from(["override", "threshold"])
# Methods below (`_then_...`), each for an author and a number: of somebody, or of which.
HAPPENINGS = st.sampled_from(
    [
        *("step", "step", "step_in_vain", "interrupt_a_step", "late_step"),
        *("post", "post_and_deliver", "join", "leave", "build", "read", "compare"),
    ]
)


class Fall(NamedTuple):
    """A demotion: what comes before it, in the middle of it and, when it gets that far, after."""

    tweets: int  # that are not pushed, because their author is pulled
    late: int | None  # which step of an earlier demotion comes now
    steps: int  # so many are done before other things happen
    then: list[tuple[str, int]]


FALL = st.builds(
    Fall,
    tweets=st.integers(1, 3),
    late=st.sampled_from([None, None, 0, 1]),
    steps=st.integers(0, 3),
    then=st.lists(st.tuples(HAPPENINGS, WHICH), max_size=6),
)
DEEP = st.sampled_from([2, 3, 5, 30])  # limits; one by one is for other steps, it takes long


class Careers(Reading, Writing):
    """Crossing the threshold, to and fro. A demotion takes steps, between which life goes on."""

    def __init__(self) -> None:
        super().__init__()
        self.steps: list[Sent] = []  # of demotions, to which a worker may come back

    @rule(threshold=st.sampled_from([1, 2, 3, 3, 5]))
    def change_threshold(self, threshold: int) -> None:
        """The operator wants more celebrities, or fewer."""
        settings.CELEBRITY_FOLLOWERS = threshold
        celebrities.review_all()

    @rule(who=WHO, decision=st.sampled_from(["pull", "push", None]))
    def override(self, who: int, decision: str | None) -> None:
        """The operator decides about one author."""
        celebrities.set_override(author=self.person(who), decision=decision)

    @initialize(who=WHO, way=WAYS, falls=st.lists(FALL, min_size=1, max_size=3), limit=DEEP)
    def begin_with_a_career(self, who: int, way: str, falls: list[Fall], limit: int) -> None:
        """Every example has demotions: chance alone seldom comes to the middle of one."""
        if not self.tweets:
            self.begin(1, limit)  # whoever was forgotten would not be missed
        self.rise_and_fall(who, way, falls, limit)

    @rule(who=WHO, way=WAYS, fall=FALL, limit=DEEP)
    def another_career(self, who: int, way: str, fall: Fall, limit: int) -> None:
        """The same after much else."""
        self.rise_and_fall(who, way, [fall], limit)

    def rise_and_fall(self, who: int, way: str, falls: list[Fall], limit: int) -> None:
        """An author is pulled, and posts, and is pushed; again, while the last time is at work."""
        self.settled()
        self.steps.clear()
        author = self.person(who)
        for fall in falls:
            self._decide(author, way, "pull")
            for _ in range(fall.tweets):
                self._then_post(author, 0)
            self.deliver(but=DEMOTION)
            self.all_glance(limit)
            self._decide(author, way, "push")
            self._demote(author, fall)
        self.settled()
        self.check_all(limit)

    def _decide(self, author: User, way: str, decision: str) -> None:
        """The operator decides about the author, or about the threshold."""
        if way == "threshold":
            author.refresh_from_db(fields=["followers_count"])
            many = decision == "push"
            settings.CELEBRITY_FOLLOWERS = MANY if many else max(author.followers_count, 1)
        celebrities.set_override(author=author, decision=decision if way == "override" else None)

    def _demote(self, author: User, fall: Fall) -> None:
        if fall.late is not None:
            self._then_late_step(author, fall.late)
        for _ in range(fall.steps):
            self._then_step(author, 0)
        for what, number in fall.then:
            getattr(self, f"_then_{what}")(author, number)

    def _then_step(self, author: User, number: int) -> None:
        """The demotion goes on."""
        event = Event.objects.filter(topic=DEMOTION, payload__author_id=author.pk).first()
        if event is not None:
            self.steps.append(Sent(event.consumers[0], event))
            self.work_on(self.steps[-1])

    def _then_step_in_vain(self, author: User, number: int) -> None:
        """The next step comes to nothing, because Redis is away."""
        guarded.open_until = math.inf
        self._then_step(author, number)
        guarded.reset()

    def _then_interrupt_a_step(self, author: User, number: int) -> None:
        """In the middle of the next step the worker is killed, or Redis loses everything."""
        act = self._die if number % 2 else self._lose_all
        self.armed["something is merged"] = partial(act, 0, 0)
        self._then_step(author, number)
        self.armed.clear()

    def _then_late_step(self, author: User, number: int) -> None:
        """A worker that stood still goes on with a step that is long done."""
        if self.steps:
            event = self.steps[-1 - number % len(self.steps)]
            self.attempt(event, partial(self.perform, event))

    def _then_post(self, author: User, number: int) -> None:
        """The author posts."""
        self.keep(post_tweet(author=author, text="look at me"))

    def _then_post_and_deliver(self, author: User, number: int) -> None:
        """The author posts, and fan-outs are quicker than the demotion."""
        self._then_post(author, number)
        self.deliver(but=DEMOTION)

    def _then_join(self, author: User, number: int) -> None:
        """Somebody follows, and if they did, they do again."""
        self._then_leave(author, number)
        with refused():
            people.follow(follower=self.person(number % PEOPLE), followee=author)
        self.deliver(but=DEMOTION)

    def _then_leave(self, author: User, number: int) -> None:
        """Somebody unfollows."""
        with refused():
            people.unfollow(follower=self.person(number % PEOPLE), followee=author)
        self.deliver(but=DEMOTION)

    def _then_build(self, author: User, number: int) -> None:
        """All timelines are lost, and built again."""
        store.drop([store.author(author.pk), *map(store.home, self.people)])
        self.all_glance(number + 1)

    def _then_read(self, author: User, number: int) -> None:
        """Everybody reads a page."""
        self.all_glance(number + 1)

    def _then_compare(self, author: User, number: int) -> None:
        """A demotion that is half done does not show: only its own steps are owed."""
        self.deliver(but=DEMOTION)
        self.check_all(number + 2)
