"""People on a profile."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from accounts.models import User
from chirp.pagination import PageRequest
from people import featured
from people.featured import MAX_FEATURED, NotFollowed, TooManyFeatured, feature, unfeature
from people.profile import update_profile
from people.selectors import ListsHidden, ListsPrivate, relationship
from people.services import block, follow, unfollow

pytestmark = pytest.mark.django_db


def shown(viewer: User | None, user: User) -> list[str]:
    page = featured.featured_people(viewer=viewer, user=user, page=PageRequest(limit=50))
    handles = [each.handle for each in page.results]
    assert [each.handle for each in featured.asks_featured(user=user).answer()] == handles
    return handles


def test_people_whom_one_follows_are_shown(alice: User, bob: User, charlie: User) -> None:
    for other in (bob, charlie):
        with pytest.raises(NotFollowed):
            feature(user=alice, person=other)
        follow(follower=alice, followee=other)
    for other in (bob, charlie, bob):
        feature(user=alice, person=other)
    assert shown(None, alice) == ["charlie", "bob"]
    assert relationship(viewer=alice, user=bob).featured
    assert not relationship(viewer=bob, user=alice).featured
    follow(follower=alice, followee=bob, reposts=False)
    unfeature(user=alice, person=charlie)
    unfeature(user=alice, person=charlie)
    assert shown(bob, alice) == ["bob"]
    assert shown(bob, bob) == []


def test_only_as_long_as_one_follows_them(alice: User, bob: User, charlie: User) -> None:
    for other in (bob, charlie):
        follow(follower=alice, followee=other)
        feature(user=alice, person=other)
    unfollow(follower=alice, followee=bob)
    follow(follower=alice, followee=bob)
    assert shown(None, alice) == ["charlie"]
    block(blocker=charlie, blocked=alice)
    assert shown(None, alice) == []


def test_a_request_is_not_enough(alice: User, bob: User) -> None:
    update_profile(user=bob, changes={"private": True})
    bob.refresh_from_db()
    follow(follower=alice, followee=bob)
    with pytest.raises(NotFollowed):
        feature(user=alice, person=bob)


def test_accounts_that_are_gone_are_left_out(alice: User, bob: User) -> None:
    follow(follower=alice, followee=bob)
    feature(user=alice, person=bob)
    User.objects.filter(pk=bob.pk).update(deactivated_at=timezone.now())
    assert shown(alice, alice) == []


def test_who_may_not_see_lists_may_not_see_them(alice: User, bob: User, charlie: User) -> None:
    follow(follower=alice, followee=charlie)
    feature(user=alice, person=charlie)
    update_profile(user=alice, changes={"private": True})
    alice.refresh_from_db()
    for viewer in (None, bob, charlie):
        with pytest.raises(ListsPrivate):
            shown(viewer, alice)
    assert shown(alice, alice) == ["charlie"]
    block(blocker=alice, blocked=bob)
    with pytest.raises(ListsHidden):
        shown(bob, alice)


def test_there_are_never_more_than_fit(alice: User, person: Callable[[str], User]) -> None:
    others = [person(f"person{n}") for n in range(MAX_FEATURED + 1)]
    for other in others:
        follow(follower=alice, followee=other)
    for other in others[:-1]:
        feature(user=alice, person=other)
    with pytest.raises(TooManyFeatured, match="20 people"):
        feature(user=alice, person=others[-1])
    User.objects.filter(pk=others[1].pk).update(suspended_at=timezone.now())
    feature(user=alice, person=others[-1])
    User.objects.filter(pk=others[1].pk).update(suspended_at=None)
    assert len(featured.asks_featured(user=alice).answer()) == MAX_FEATURED
    for other in (others[0], others[-1]):
        unfeature(user=alice, person=other)
    feature(user=alice, person=others[-1])
