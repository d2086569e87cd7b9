"""Checking and repairing follower and following counts."""

import pytest

from accounts.models import User
from people import counters
from people import services as people
from people.profile import update_profile

pytestmark = pytest.mark.django_db


def test_services_keep_the_counts_right(alice: User, bob: User, charlie: User) -> None:
    update_profile(user=charlie, changes={"private": True})
    people.follow(follower=alice, followee=bob)
    people.follow(follower=bob, followee=charlie)  # a request does not count
    assert counters.check() == []
    assert counters.repair() == 0


def test_repair_corrects_every_wrong_count(alice: User, bob: User) -> None:
    people.follow(follower=alice, followee=bob)
    User.objects.filter(pk=alice.pk).update(following_count=5, followers_count=2)
    User.objects.filter(pk=bob.pk).update(followers_count=0)
    assert [str(mismatch) for mismatch in counters.check()] == [
        f"user {alice.pk}: followers is 2, should be 0",
        f"user {alice.pk}: following is 5, should be 1",
        f"user {bob.pk}: followers is 0, should be 1",
    ]
    assert counters.repair() == 2
    assert counters.check() == []
    bob.refresh_from_db()
    assert bob.followers_count == 1
