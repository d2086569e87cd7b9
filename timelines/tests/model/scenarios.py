"""Steps that are complete scenarios: known defects of other systems, each followed by a check.

The users and the details are random. The order of the actions is the one that shows the defect.
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
from timelines.tests.model.interactions import OTHERS, Interactions
from timelines.tests.model.reading import LIMITS, check_timeline
from timelines.tests.model.world import USER, USERS, ignore_refusals
from tweets.posting import post_tweet

POINTS = st.sampled_from(["a builder announces", "Postgres is read", "a build finishes"])


class Scenarios(Interactions):
    """Posts, unfollows, edits and deactivations at the wrong moment."""

    @rule(user1=USER, user2=USER, point=POINTS, limit=LIMITS)
    def post_during_build(self, user1: int, user2: int, point: str, limit: int) -> None:
        """A tweet is posted and delivered just before a builder takes its next step."""
        self.deliver_everything()
        viewer, author = self.user(user1), self.user(user2)
        store.drop([store.home(viewer.pk)])
        self.interruptions[point] = partial(self._post_and_deliver, author, 1)
        selectors.home(viewer=viewer, page=PageRequest(limit=limit))
        self.deliver_everything()
        check_timeline(viewer, limit)

    @rule(user=USER, others=OTHERS, limit=LIMITS)
    def unfollow_reposted_author(self, user: int, others: tuple[int, int], limit: int) -> None:
        """A user follows two accounts, one of which reposts the other, and unfollows the other."""
        one, other, third = (self.user((user + step) % USERS) for step in (0, *others))
        with ignore_refusals():
            people.follow(follower=one, followee=other)
            people.follow(follower=one, followee=third, reposts=True)
        self.deliver_everything()
        with ignore_refusals():
            self._post_as(other)
            self._repost(third, other)
        self.deliver_everything()
        self.read_first_pages(limit)
        people.unfollow(follower=one, followee=other)
        self.deliver_everything()
        check_timeline(one, limit)

    @rule(user=USER, others=OTHERS)
    def answer_and_edit(self, user: int, others: tuple[int, int]) -> None:
        """A user replies to an account that some of their followers do not follow, and edits it."""
        one, other = (self.user((user + step) % USERS) for step in (0, others[0]))
        with ignore_refusals():
            parent = post_tweet(author=other, text="what do you think?")
            self.remember(parent)
            reply = post_tweet(author=one, text="so it is", reply_to_id=parent.pk)
            self.remember(reply)
            self.change_text(reply, "so it was")

    @rule(user=USER, others=OTHERS, limit=LIMITS)
    def go_private_after_repost(self, user: int, others: tuple[int, int], limit: int) -> None:
        """An account goes private after another user reposted its tweet."""
        _, other, third = (self.user((user + step) % USERS) for step in (0, *others))
        update_profile(user=other, changes={"private": False})
        with ignore_refusals():
            self._post_as(other)
            self._repost(third, other)
        self.deliver_everything()
        update_profile(user=other, changes={"private": True})
        self.check_all(limit)

    @rule(user=USER, limit=LIMITS)
    def be_deactivated_during_builds(self, user: int, limit: int) -> None:
        """An account is deactivated, all timelines are built without it, and it is reactivated."""
        with ignore_refusals():
            self._post_as(self.user(user))
        self.deliver_everything()
        with ignore_refusals():
            services.deactivate(user=self.user(user), password=PASSWORD, now=timezone.now())
        store.drop([store.home(pk) for pk in self.user_ids])
        self.read_first_pages(limit)
        with ignore_refusals():
            services.reactivate(user=self.user(user))
        self.deliver_everything()
        self.check_all(limit)
