"""Late tasks, undone reposts and hidden authors: nothing reappears, and nothing stays missing."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection, connections
from django.utils import timezone

from accounts import services as accounts
from accounts.models import User
from conftest import PASSWORD
from people import services as people
from people.profile import update_profile
from tests.helpers.timelines import Drain, Person, deliver, held, post, read, right
from timelines import candidates, fanout, services
from timelines.store import Span
from tweets import marks, moderation
from tweets.deleting import delete_tweet

pytestmark = pytest.mark.django_db
Way = Callable[[], object]


@pytest.fixture(autouse=True)
def _bob_follows_alice(alice: User, bob: User, drain: Drain) -> None:
    people.follow(follower=bob, followee=alice)
    drain()
    services.populate(viewer_id=bob.pk)


# --- 8: late tasks ------------------------------------------------------------------------------


def test_a_late_push_of_a_deleted_tweet_leaves_nothing(alice: User, bob: User) -> None:
    gone = post(alice)
    delete_tweet(author=alice, tweet_id=gone)
    deliver("timelines.retract")
    deliver("timelines.fan_out")
    assert held(bob) == []


def test_a_late_merge_of_an_unfollowed_author_adds_nothing(
    bob: User, charlie: User, drain: Drain
) -> None:
    post(charlie)
    drain()
    people.follow(follower=bob, followee=charlie)
    people.unfollow(follower=bob, followee=charlie)
    deliver("timelines.unmerge")
    deliver("timelines.merge")
    assert held(bob) == []


def test_a_late_range_of_a_fan_out_of_a_deleted_tweet_leaves_nothing(
    alice: User, bob: User, charlie: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fanout, "RANGE_SIZE", 1)
    people.follow(follower=charlie, followee=alice)
    gone = post(alice)
    deliver("timelines.fan_out")
    delete_tweet(author=alice, tweet_id=gone)
    deliver("timelines.retract")
    deliver("timelines.fan_out_range")
    assert held(bob) == []


def test_an_unfollowed_author_is_hidden_at_the_next_read(
    alice: User, bob: User, charlie: User, drain: Drain
) -> None:
    theirs = post(charlie)
    mine = post(alice)
    marks.repost(user=alice, tweet_id=theirs)
    drain()
    assert len(read(bob)) == 2
    people.unfollow(follower=bob, followee=alice)
    assert mine in held(bob)
    assert read(bob) == []


def test_an_unmerge_frees_room(alice: User, bob: User, drain: Drain) -> None:
    post(alice)
    drain()
    people.unfollow(follower=bob, followee=alice)
    drain()
    assert held(bob) == []


def test_a_late_unmerge_of_an_author_followed_again_removes_nothing(
    alice: User, bob: User, drain: Drain
) -> None:
    kept = post(alice)
    drain()
    people.unfollow(follower=bob, followee=alice)
    people.follow(follower=bob, followee=alice)
    deliver("timelines.merge")
    deliver("timelines.unmerge")
    assert held(bob) == read(bob) == [kept]


@pytest.mark.django_db(transaction=True)
def test_no_follow_commits_between_the_check_and_the_removal_of_an_unmerge(
    alice: User, bob: User, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = post(alice)
    drain()
    people.unfollow(follower=bob, followee=alice)
    newest_of = candidates.newest_of
    following = threading.Thread(target=_follow_again, args=(bob, alice))

    def newest_of_during_follow(author_ids: list[int], *, limit: int) -> dict[int, Span]:
        spans = newest_of(author_ids, limit=limit)
        if threading.current_thread() is not following:
            following.start()
            while following.is_alive() and not _is_any_lock_awaited():
                pass
        return spans

    monkeypatch.setattr(candidates, "newest_of", newest_of_during_follow)
    services.unmerge(follower_id=bob.pk, followee_id=alice.pk)
    following.join()
    assert held(bob) == [kept]


def _follow_again(follower: User, followee: User) -> None:
    people.follow(follower=follower, followee=followee)
    services.merge(follower_id=follower.pk, followee_id=followee.pk)
    connections.close_all()


def _is_any_lock_awaited() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        row = cursor.fetchone()
    return bool(row and row[0])


# --- 10: reposts --------------------------------------------------------------------------------


def test_undoing_one_of_two_reposts_keeps_the_other_and_the_original(
    alice: User, bob: User, charlie: User, person: Person, drain: Drain
) -> None:
    dora = person("dora")
    for followee in (charlie, dora):
        people.follow(follower=bob, followee=followee)
    original = post(charlie)
    first = marks.repost(user=alice, tweet_id=original).pk
    drain()
    marks.undo_repost(user=alice, tweet_id=original)
    second = marks.repost(user=dora, tweet_id=original).pk
    drain(times=2)
    assert first not in held(bob)
    assert held(bob) == [second, original]
    assert read(bob) == [second]
    marks.undo_repost(user=dora, tweet_id=original)
    assert read(bob) == [original]
    right(bob)


def test_a_repost_that_arrives_before_its_original_hides_neither(
    alice: User, bob: User, charlie: User, drain: Drain
) -> None:
    people.follow(follower=bob, followee=charlie)
    drain()
    original = post(charlie)
    repost = marks.repost(user=alice, tweet_id=original).pk
    fanout.fan_out(tweet_ids=[repost])
    assert read(bob) == [repost]
    fanout.fan_out(tweet_ids=[original])
    assert held(bob) == [repost, original]
    right(bob)
    marks.undo_repost(user=alice, tweet_id=original)
    assert read(bob) == [original]


# --- 11: an author who was hidden reappears -----------------------------------------------------


def test_an_author_muted_during_a_build_is_shown_when_unmuted(
    alice: User, bob: User, drain: Drain
) -> None:
    kept = post(alice)
    drain()
    people.mute(muter=bob, muted=alice)
    assert services.rebuild(viewer_id=bob.pk)
    during = post(alice)
    drain()
    assert read(bob) == []
    people.unmute(muter=bob, muted=alice)
    assert read(bob) == [during, kept]
    right(bob)


@pytest.mark.parametrize("away", ["deactivated", "suspended", "hidden", "private"])
def test_a_tweet_hidden_during_a_build_is_shown_when_it_is_back(
    away: str, alice: User, bob: User, charlie: User, drain: Drain
) -> None:
    kept = post(alice)
    drain()
    leave, come_back = _ways(alice, kept, moderator=charlie)[away]
    leave()
    assert services.rebuild(viewer_id=bob.pk)
    right(bob)
    come_back()
    drain()
    assert read(bob) == [kept]


def _ways(author: User, tweet_id: int, *, moderator: User) -> dict[str, tuple[Way, Way]]:
    """Return the ways in which an author or a tweet becomes invisible and visible again."""
    return {
        "deactivated": (
            lambda: accounts.deactivate(user=author, password=PASSWORD, now=timezone.now()),
            lambda: accounts.reactivate(user=author),
        ),
        "suspended": (
            lambda: accounts.suspend(user=author, by=moderator, now=timezone.now()),
            lambda: accounts.unsuspend(user=author, by=moderator),
        ),
        "hidden": (
            lambda: moderation.hide_tweet(tweet_id=tweet_id, by=moderator),
            lambda: moderation.unhide_tweet(tweet_id=tweet_id, by=moderator),
        ),
        "private": (
            lambda: update_profile(user=author, changes={"private": True}),
            lambda: update_profile(user=author, changes={"private": False}),
        ),
    }
