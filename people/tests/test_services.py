"""The rows, counts and events of follows, requests, blocks and mutes."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from chirp.errors import NotFound
from chirp.ids import draw
from outbox.models import Event
from people import services as people
from people.models import Block, Follow, Mute
from people.profile import update_profile


def counts(*people: User) -> list[tuple[int, int]]:
    """The current (followers, following) counts of each account."""
    for person in people:
        person.refresh_from_db()
    return [(person.followers_count, person.following_count) for person in people]


def topics() -> list[str]:
    """The topics of all events about edges, sorted and without repeats."""
    events = Event.objects.exclude(topic__in=("account.registered", "profile.changed"))
    return sorted(set(events.values_list("topic", flat=True)))


def test_a_follow_counts_on_both_sides_and_is_published(alice: User, bob: User) -> None:
    before = draw()[0]
    edge = people.follow(follower=bob, followee=alice)
    assert before < (edge.since_id or 0) < draw()[0]
    assert counts(alice, bob) == [(1, 0), (0, 1)]
    assert topics() == ["follow.accepted"]


def test_following_twice_changes_nothing(alice: User, bob: User) -> None:
    first = people.follow(follower=bob, followee=alice)
    events = Event.objects.count()
    assert people.follow(follower=bob, followee=alice).since_id == first.since_id
    assert counts(alice, bob) == [(1, 0), (0, 1)]
    assert Event.objects.count() == events


def test_an_unfollow_lowers_both_counts_and_is_published(alice: User, bob: User) -> None:
    people.follow(follower=bob, followee=alice)
    people.unfollow(follower=bob, followee=alice)
    people.unfollow(follower=bob, followee=alice)
    assert counts(alice, bob) == [(0, 0), (0, 0)]
    assert topics() == ["follow.accepted", "follow.ended"]


def test_following_again_keeps_the_choice_about_reposts(alice: User, bob: User) -> None:
    people.follow(follower=bob, followee=alice, reposts=False)
    assert not people.follow(follower=bob, followee=alice).reposts
    assert people.follow(follower=bob, followee=alice, reposts=True).reposts


def test_a_mute_ends_by_itself_as_by_hand(alice: User, bob: User, charlie: User) -> None:
    people.mute(muter=bob, muted=alice, seconds=60)
    people.mute(muter=charlie, muted=alice, seconds=60)
    people.mute(muter=charlie, muted=alice)  # for good after all
    people.mute(muter=alice, muted=bob, seconds=7200)
    people.end_mutes(now=timezone.now() + timedelta(seconds=59))
    assert topics() == ["person.muted"]
    people.end_mutes(now=timezone.now() + timedelta(seconds=61))
    left = Mute.objects.order_by("pk").values_list("muter__handle", "until")
    assert [(handle, until is None) for handle, until in left] == [
        ("charlie", True),
        ("alice", False),
    ]
    (event,) = Event.objects.filter(topic="person.unmuted")
    assert event.payload == {"muter_id": bob.pk, "muted_id": alice.pk}
    for seconds in (0, -1, people.MAX_MUTE_SECONDS + 1):
        with pytest.raises(people.BadDuration):
            people.mute(muter=bob, muted=alice, seconds=seconds)


def test_accounts_cannot_follow_block_or_mute_themselves(alice: User) -> None:
    with pytest.raises(people.FollowSelf):
        people.follow(follower=alice, followee=alice)
    with pytest.raises(people.BlockSelf):
        people.block(blocker=alice, blocked=alice)
    with pytest.raises(people.MuteSelf):
        people.mute(muter=alice, muted=alice)


def test_a_deactivated_account_cannot_be_followed(alice: User, bob: User) -> None:
    User.objects.filter(pk=alice.pk).update(deactivated_at="2026-01-02T00:00:00Z")
    with pytest.raises(NotFound):
        people.follow(follower=bob, followee=alice)


def test_a_follow_of_a_private_account_must_be_accepted(alice: User, bob: User) -> None:
    update_profile(user=alice, changes={"private": True})
    assert people.follow(follower=bob, followee=alice).since_id is None
    assert counts(alice, bob) == [(0, 0), (0, 0)]
    assert "follow.accepted" not in topics()
    people.accept_request(followee=alice, follower=bob)
    people.accept_request(followee=alice, follower=bob)
    assert counts(alice, bob) == [(1, 0), (0, 1)]
    assert topics() == ["account.audience_changed", "follow.accepted", "follow.requested"]


def test_a_rejected_request_leaves_no_row(alice: User, bob: User) -> None:
    update_profile(user=alice, changes={"private": True})
    people.follow(follower=bob, followee=alice)
    people.reject_request(followee=alice, follower=bob)
    assert not Follow.objects.exists()
    with pytest.raises(people.NoRequest):
        people.accept_request(followee=alice, follower=bob)


def test_rejecting_does_not_end_an_accepted_follow(alice: User, bob: User) -> None:
    people.follow(follower=bob, followee=alice)
    people.reject_request(followee=alice, follower=bob)
    assert counts(alice, bob) == [(1, 0), (0, 1)]


def test_making_an_account_public_accepts_all_requests(
    alice: User, bob: User, charlie: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "ACCEPT_BATCH", 1)  # so that there are several batches
    update_profile(user=bob, changes={"private": True})
    people.follow(follower=alice, followee=bob)
    people.follow(follower=charlie, followee=bob)
    update_profile(user=bob, changes={"private": False})
    assert counts(alice, bob, charlie) == [(0, 1), (2, 0), (0, 1)]
    assert not Follow.objects.filter(since_id=None).exists()


def test_a_block_ends_follows_in_both_directions(alice: User, bob: User) -> None:
    people.follow(follower=bob, followee=alice)
    people.follow(follower=alice, followee=bob)
    people.block(blocker=alice, blocked=bob)
    people.block(blocker=alice, blocked=bob)
    assert counts(alice, bob) == [(0, 0), (0, 0)]
    ended = Event.objects.filter(topic="follow.ended", consumers__contains=["timelines.unmerge"])
    assert {event.payload["follower_id"] for event in ended} == {alice.pk, bob.pk}
    assert Block.objects.count() == 1


def test_a_block_ends_requests(alice: User, bob: User) -> None:
    update_profile(user=alice, changes={"private": True})
    people.follow(follower=bob, followee=alice)
    people.block(blocker=bob, blocked=alice)
    assert not Follow.objects.exists()
    assert counts(alice, bob) == [(0, 0), (0, 0)]


@pytest.mark.parametrize("who_blocks", ["alice", "bob"])
def test_a_block_prevents_a_follow(alice: User, bob: User, who_blocks: str) -> None:
    blocker, blocked = (alice, bob) if who_blocks == "alice" else (bob, alice)
    people.block(blocker=blocker, blocked=blocked)
    with pytest.raises(people.Blocked):
        people.follow(follower=bob, followee=alice)
    people.unblock(blocker=blocker, blocked=blocked)
    people.follow(follower=bob, followee=alice)
    assert counts(alice, bob) == [(1, 0), (0, 1)]


def test_a_mute_does_not_change_follows(
    person: Callable[..., User], alice: User, bob: User
) -> None:
    people.follow(follower=bob, followee=alice)
    people.mute(muter=bob, muted=alice)
    people.mute(muter=bob, muted=alice)
    assert Mute.objects.count() == 1
    assert counts(alice, bob) == [(1, 0), (0, 1)]
    people.unmute(muter=bob, muted=alice)
    people.unmute(muter=bob, muted=alice)
    assert not Mute.objects.exists()
