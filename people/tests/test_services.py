"""Follows, requests, blocks and mutes: what they leave behind."""

from collections.abc import Callable

import pytest

from accounts.models import User
from chirp.errors import NotFound
from chirp.ids import draw
from outbox.models import Event
from people import services as people
from people.models import Block, Follow, Mute
from people.profile import update_profile


def counts(*people: User) -> list[tuple[int, int]]:
    """(followers, following) of each."""
    for person in people:
        person.refresh_from_db()
    return [(person.followers_count, person.following_count) for person in people]


def topics() -> list[str]:
    """What was published, each topic once however many tasks it has."""
    return sorted(set(Event.objects.values_list("topic", flat=True)))


def test_a_follow_counts_on_both_sides_and_is_published(alice: User, bob: User) -> None:
    before = draw()[0]
    edge = people.follow(follower=bob, followee=alice)
    assert before < (edge.since_id or 0) < draw()[0]
    assert counts(alice, bob) == [(1, 0), (0, 1)]
    assert topics() == ["follow.accepted"]


def test_following_twice_is_following_once(alice: User, bob: User) -> None:
    first = people.follow(follower=bob, followee=alice)
    owed = Event.objects.count()
    assert people.follow(follower=bob, followee=alice).since_id == first.since_id
    assert counts(alice, bob) == [(1, 0), (0, 1)]
    assert Event.objects.count() == owed


def test_an_unfollow_takes_the_counts_back_and_is_published(alice: User, bob: User) -> None:
    people.follow(follower=bob, followee=alice)
    people.unfollow(follower=bob, followee=alice)
    people.unfollow(follower=bob, followee=alice)
    assert counts(alice, bob) == [(0, 0), (0, 0)]
    assert topics() == ["follow.accepted", "follow.ended"]


def test_following_again_without_a_word_leaves_reposts_hidden(alice: User, bob: User) -> None:
    people.follow(follower=bob, followee=alice, reposts=False)
    assert not people.follow(follower=bob, followee=alice).reposts
    assert people.follow(follower=bob, followee=alice, reposts=True).reposts


def test_nobody_follows_blocks_or_mutes_themselves(alice: User) -> None:
    with pytest.raises(people.FollowSelf):
        people.follow(follower=alice, followee=alice)
    with pytest.raises(people.BlockSelf):
        people.block(blocker=alice, blocked=alice)
    with pytest.raises(people.MuteSelf):
        people.mute(muter=alice, muted=alice)


def test_nobody_follows_those_who_are_gone(alice: User, bob: User) -> None:
    User.objects.filter(pk=alice.pk).update(deactivated_at="2026-01-02T00:00:00Z")
    with pytest.raises(NotFound):
        people.follow(follower=bob, followee=alice)


def test_a_private_account_must_let_in(alice: User, bob: User) -> None:
    update_profile(user=alice, changes={"private": True})
    assert people.follow(follower=bob, followee=alice).since_id is None
    assert counts(alice, bob) == [(0, 0), (0, 0)]
    assert topics() == []
    people.accept_request(followee=alice, follower=bob)
    people.accept_request(followee=alice, follower=bob)
    assert counts(alice, bob) == [(1, 0), (0, 1)]
    assert topics() == ["follow.accepted"]


def test_a_refused_request_leaves_nothing(alice: User, bob: User) -> None:
    update_profile(user=alice, changes={"private": True})
    people.follow(follower=bob, followee=alice)
    people.reject_request(followee=alice, follower=bob)
    assert not Follow.objects.exists()
    with pytest.raises(people.NoRequest):
        people.accept_request(followee=alice, follower=bob)


def test_refusing_does_not_end_a_follow(alice: User, bob: User) -> None:
    people.follow(follower=bob, followee=alice)
    people.reject_request(followee=alice, follower=bob)
    assert counts(alice, bob) == [(1, 0), (0, 1)]


def test_going_public_lets_in_all_who_asked(
    alice: User, bob: User, charlie: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "ACCEPT_BATCH", 1)  # so that there are several
    update_profile(user=bob, changes={"private": True})
    people.follow(follower=alice, followee=bob)
    people.follow(follower=charlie, followee=bob)
    update_profile(user=bob, changes={"private": False})
    assert counts(alice, bob, charlie) == [(0, 1), (2, 0), (0, 1)]
    assert not Follow.objects.filter(since_id=None).exists()


def test_a_block_ends_follows_both_ways(alice: User, bob: User) -> None:
    people.follow(follower=bob, followee=alice)
    people.follow(follower=alice, followee=bob)
    people.block(blocker=alice, blocked=bob)
    people.block(blocker=alice, blocked=bob)
    assert counts(alice, bob) == [(0, 0), (0, 0)]
    ended = Event.objects.filter(topic="follow.ended", consumers=["timelines.unmerge"])
    assert {event.payload["follower_id"] for event in ended} == {alice.pk, bob.pk}
    assert Block.objects.count() == 1


def test_a_block_ends_requests_too(alice: User, bob: User) -> None:
    update_profile(user=alice, changes={"private": True})
    people.follow(follower=bob, followee=alice)
    people.block(blocker=bob, blocked=alice)
    assert not Follow.objects.exists()
    assert counts(alice, bob) == [(0, 0), (0, 0)]


@pytest.mark.parametrize("who_blocks", ["alice", "bob"])
def test_a_block_is_in_the_way_of_a_follow(alice: User, bob: User, who_blocks: str) -> None:
    blocker, blocked = (alice, bob) if who_blocks == "alice" else (bob, alice)
    people.block(blocker=blocker, blocked=blocked)
    with pytest.raises(people.Blocked):
        people.follow(follower=bob, followee=alice)
    people.unblock(blocker=blocker, blocked=blocked)
    people.follow(follower=bob, followee=alice)
    assert counts(alice, bob) == [(1, 0), (0, 1)]


def test_muting_changes_no_follow(person: Callable[..., User], alice: User, bob: User) -> None:
    people.follow(follower=bob, followee=alice)
    people.mute(muter=bob, muted=alice)
    people.mute(muter=bob, muted=alice)
    assert Mute.objects.count() == 1
    assert counts(alice, bob) == [(1, 0), (0, 1)]
    people.unmute(muter=bob, muted=alice)
    people.unmute(muter=bob, muted=alice)
    assert not Mute.objects.exists()
