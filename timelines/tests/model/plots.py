"""Steps that are whole plots: what went wrong elsewhere, told to its end, where all is compared.

Chance draws the people and how far things get; the order is that in which it hurts.
"""

from functools import partial

from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import rule

from accounts import services
from chirp.pagination import PageRequest
from conftest import PASSWORD
from people import services as people
from people.profile import update_profile
from timelines import selectors, store
from timelines.tests.model.reading import LIMITS, check_timeline
from timelines.tests.model.stories import OTHERS, Stories
from timelines.tests.model.world import PEOPLE, WHO, refused
from tweets.posting import post_tweet

POINTS = st.sampled_from(["a builder announces", "Postgres is asked", "a build is finished"])


class Plots(Stories):
    """Builds, unfollows, edits and absences at the wrong moment."""

    @rule(who=WHO, whom=WHO, point=POINTS, limit=LIMITS)
    def post_into_a_build(self, who: int, whom: int, point: str, limit: int) -> None:
        """Somebody posts, and it is delivered, just before a builder takes its next step."""
        self.settled()
        viewer, author = self.person(who), self.person(whom)
        store.drop([store.home(viewer.pk)])
        self.armed[point] = partial(self._post_and_deliver, author, 1)
        selectors.home(viewer=viewer, page=PageRequest(limit=limit))
        self.settled()
        check_timeline(viewer, limit)

    @rule(who=WHO, others=OTHERS, limit=LIMITS)
    def unfollow_what_a_third_passed_on(
        self, who: int, others: tuple[int, int], limit: int
    ) -> None:
        """Somebody follows two, one passes on what the other wrote, who is unfollowed."""
        one, other, third = (self.person((who + step) % PEOPLE) for step in (0, *others))
        with refused():
            people.follow(follower=one, followee=other)
            people.follow(follower=one, followee=third, reposts=True)
        self.settled()
        with refused():
            self._post_as(other)
            self._repost(third, other)
        self.settled()
        self.all_glance(limit)
        people.unfollow(follower=one, followee=other)
        self.settled()
        check_timeline(one, limit)

    @rule(who=WHO, others=OTHERS)
    def answer_and_edit(self, who: int, others: tuple[int, int]) -> None:
        """Somebody answers somebody, whom not all of their readers follow, and edits the answer."""
        one, other = (self.person((who + step) % PEOPLE) for step in (0, others[0]))
        with refused():
            parent = post_tweet(author=other, text="what do you think?")
            self.keep(parent)
            answer = post_tweet(author=one, text="so it is", reply_to_id=parent.pk)
            self.keep(answer)
            self.change(answer, "so it was")

    @rule(who=WHO, others=OTHERS, limit=LIMITS)
    def hide_what_a_third_passed_on(self, who: int, others: tuple[int, int], limit: int) -> None:
        """Somebody goes private after others passed on what they wrote."""
        _, other, third = (self.person((who + step) % PEOPLE) for step in (0, *others))
        update_profile(user=other, changes={"private": False})
        with refused():
            self._post_as(other)
            self._repost(third, other)
        self.settled()
        update_profile(user=other, changes={"private": True})
        self.check_all(limit)

    @rule(who=WHO, limit=LIMITS)
    def be_away_while_others_build(self, who: int, limit: int) -> None:
        """Somebody leaves, all timelines are built without them, and they are back."""
        with refused():
            self._post_as(self.person(who))
        self.settled()
        with refused():
            services.deactivate(user=self.person(who), password=PASSWORD, now=timezone.now())
        store.drop([store.home(pk) for pk in self.people])
        self.all_glance(limit)
        with refused():
            services.reactivate(user=self.person(who))
        self.settled()
        self.check_all(limit)
