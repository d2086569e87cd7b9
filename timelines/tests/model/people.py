"""Steps of people who follow, hide from each other, leave and come back."""

from django.conf import settings
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import rule

from accounts import services
from accounts.models import User
from conftest import PASSWORD
from people import services as people
from people.models import Block, Follow, Mute
from people.profile import update_profile
from timelines.tests.model.world import WHICH, WHO, World, counted, refused


class People(World):
    """Everything between people that decides who reads what."""

    @rule(who=WHO, whom=WHO, reposts=st.sampled_from([None, None, True, False]))
    def follow(self, who: int, whom: int, reposts: bool | None) -> None:
        """Somebody follows, or asks to, or says whether they want reposts."""
        with refused():
            people.follow(follower=self.person(who), followee=self.person(whom), reposts=reposts)

    @rule(which=WHICH, removed=st.booleans())
    def unfollow(self, which: int, removed: bool) -> None:
        """A follow ends, by either of the two."""
        if edge := counted(Follow.objects.all(), which):
            if removed:
                people.remove_follower(user=edge.followee, follower=edge.follower)
            else:
                people.unfollow(follower=edge.follower, followee=edge.followee)

    @rule(which=WHICH)
    def unfollow_and_follow(self, which: int) -> None:
        """A follow ends and begins again before anything of it was delivered."""
        if edge := counted(Follow.objects.all(), which):
            people.unfollow(follower=edge.follower, followee=edge.followee)
            with refused():
                people.follow(follower=edge.follower, followee=edge.followee)

    @rule(which=WHICH, accept=st.sampled_from([True, True, False]))
    def answer_request(self, which: int, accept: bool) -> None:
        """Somebody private lets somebody in, or does not."""
        if edge := counted(Follow.objects.filter(since_id=None), which):
            answer = people.accept_request if accept else people.reject_request
            answer(followee=edge.followee, follower=edge.follower)

    @rule(who=WHO, whom=WHO)
    def block(self, who: int, whom: int) -> None:
        """Somebody wants nothing to do with somebody."""
        with refused():
            people.block(blocker=self.person(who), blocked=self.person(whom))

    @rule(which=WHICH)
    def unblock(self, which: int) -> None:
        """A block is taken back, and the follow that it ended is made again."""
        if row := counted(Block.objects.all(), which):
            people.unblock(blocker=row.blocker, blocked=row.blocked)
            with refused():
                people.follow(follower=row.blocker, followee=row.blocked)

    @rule(who=WHO, whom=WHO)
    def mute(self, who: int, whom: int) -> None:
        """Somebody does not want to read somebody."""
        with refused():
            people.mute(muter=self.person(who), muted=self.person(whom))

    @rule(which=WHICH)
    def unmute(self, which: int) -> None:
        """A mute is taken back."""
        if row := counted(Mute.objects.all(), which):
            people.unmute(muter=row.muter, muted=row.muted)

    @rule(who=WHO, private=st.booleans())
    def change_privacy(self, who: int, private: bool) -> None:
        """Somebody goes private, or public, which lets in all who asked."""
        update_profile(user=self.person(who), changes={"private": private})

    @rule(who=WHO, by=WHO, suspended=st.booleans())
    def leave(self, who: int, by: int, suspended: bool) -> None:
        """Somebody is suspended, or deactivates their account."""
        person = self.person(who)
        if suspended:
            services.suspend(user=person, by=self.person(by), now=timezone.now())
        else:
            services.deactivate(user=person, password=PASSWORD, now=timezone.now())

    @rule(which=WHICH, by=WHO)
    def come_back(self, which: int, by: int) -> None:
        """Somebody who left is back."""
        gone = User.objects.exclude(deactivated_at=None, suspended_at=None)
        if person := counted(gone, which):
            services.unsuspend(user=person, by=self.person(by))
            services.reactivate(user=person)

    @rule(backfill=st.booleans())
    def switch_backfill(self, backfill: bool) -> None:
        """The operator says whether a new follow brings older tweets."""
        settings.TIMELINE_BACKFILL_ON_FOLLOW = backfill
