"""Steps in which users follow, block and mute each other, leave and come back."""

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
from timelines.tests.model.world import INDEX, USER, World, ignore_refusals, pick


class People(World):
    """The relations between users, and the states of accounts, that decide who sees what."""

    @rule(user1=USER, user2=USER, reposts=st.sampled_from([None, None, True, False]))
    def follow(self, user1: int, user2: int, reposts: bool | None) -> None:
        """A user follows, or requests to follow, or sets whether reposts are shown."""
        with ignore_refusals():
            people.follow(follower=self.user(user1), followee=self.user(user2), reposts=reposts)

    @rule(index=INDEX, by_followee=st.booleans())
    def unfollow(self, index: int, by_followee: bool) -> None:
        """The follower or the followee ends a follow."""
        if edge := pick(Follow.objects.all(), index):
            if by_followee:
                people.remove_follower(user=edge.followee, follower=edge.follower)
            else:
                people.unfollow(follower=edge.follower, followee=edge.followee)

    @rule(index=INDEX)
    def unfollow_and_follow(self, index: int) -> None:
        """A follow ends and begins again before any of its events is delivered."""
        if edge := pick(Follow.objects.all(), index):
            people.unfollow(follower=edge.follower, followee=edge.followee)
            with ignore_refusals():
                people.follow(follower=edge.follower, followee=edge.followee)

    @rule(index=INDEX, accept=st.sampled_from([True, True, False]))
    def answer_request(self, index: int, accept: bool) -> None:
        """A private account accepts or rejects a follow request."""
        if edge := pick(Follow.objects.filter(since_id=None), index):
            answer = people.accept_request if accept else people.reject_request
            answer(followee=edge.followee, follower=edge.follower)

    @rule(user1=USER, user2=USER)
    def block(self, user1: int, user2: int) -> None:
        """A user blocks another one."""
        with ignore_refusals():
            people.block(blocker=self.user(user1), blocked=self.user(user2))

    @rule(index=INDEX)
    def unblock(self, index: int) -> None:
        """A block is removed, and the blocker follows the other user again."""
        if row := pick(Block.objects.all(), index):
            people.unblock(blocker=row.blocker, blocked=row.blocked)
            with ignore_refusals():
                people.follow(follower=row.blocker, followee=row.blocked)

    @rule(user1=USER, user2=USER)
    def mute(self, user1: int, user2: int) -> None:
        """A user mutes another one."""
        with ignore_refusals():
            people.mute(muter=self.user(user1), muted=self.user(user2))

    @rule(index=INDEX)
    def unmute(self, index: int) -> None:
        """A mute is removed."""
        if row := pick(Mute.objects.all(), index):
            people.unmute(muter=row.muter, muted=row.muted)

    @rule(user=USER, private=st.booleans())
    def change_privacy(self, user: int, private: bool) -> None:
        """An account becomes private, or public, which accepts all pending requests."""
        update_profile(user=self.user(user), changes={"private": private})

    @rule(user=USER, by=USER, suspended=st.booleans())
    def leave(self, user: int, by: int, suspended: bool) -> None:
        """An account is suspended, or deactivated by its owner."""
        account = self.user(user)
        if suspended:
            services.suspend(user=account, by=self.user(by), now=timezone.now())
        else:
            services.deactivate(user=account, password=PASSWORD, now=timezone.now())

    @rule(index=INDEX, by=USER)
    def come_back(self, index: int, by: int) -> None:
        """An account is unsuspended and reactivated."""
        inactive = User.objects.exclude(deactivated_at=None, suspended_at=None)
        if account := pick(inactive, index):
            services.unsuspend(user=account, by=self.user(by))
            services.reactivate(user=account)

    @rule(backfill=st.booleans())
    def switch_backfill(self, backfill: bool) -> None:
        """An operator changes whether a new follow adds older tweets."""
        settings.TIMELINE_BACKFILL_ON_FOLLOW = backfill
