"""What is noted about authors follows their accounts, and never hides too much from lists."""

from collections.abc import Callable
from functools import partial
from typing import Any
from unittest import mock

import pytest
from django.utils import timezone

from accounts import services
from accounts.models import PendingRecount, User
from chirp.pagination import Page
from conftest import PASSWORD
from people.profile import update_profile
from tests.helpers.tweets import at_once, post, walk
from tweets import author_states, marks, recounts
from tweets.models import Like, Mention, Tweet
from tweets.read import lists, threads
from tweets.read.facts import Facts


def notes(user: User) -> set[str]:
    """The states that are noted with what the user did."""
    written = Tweet.objects.filter(author=user).values_list("author_state", flat=True)
    return {*written, *Like.objects.filter(user=user).values_list("author_state", flat=True)}


def shown(viewer: User | None, tweet: Tweet) -> list[int]:
    """What the lists around a tweet show."""
    around = (
        partial(_replies, viewer=viewer),
        *(partial(load, viewer=viewer) for load in (lists.quotes, lists.likes, lists.reposts)),
    )
    return [id_ for load in around for id_ in walk(load, tweet_id=tweet.pk)]


def _replies(**options: Any) -> Page[Facts]:
    return threads.thread(**options).replies


@pytest.fixture
def acts(bob: User, alice: User) -> Tweet:
    """A tweet of alice, to which bob did everything."""
    tweet = post(alice)
    post(bob, "@alice hello", reply_to_id=tweet.pk)
    post(bob, quote_of_id=tweet.pk)
    marks.like(user=bob, tweet_id=tweet.pk)
    marks.repost(user=bob, tweet_id=tweet.pk)
    return tweet


def test_lists_are_right_before_and_after_a_change_is_noted(
    acts: Tweet, alice: User, bob: User, charlie: User, drain: Callable[..., int]
) -> None:
    now = timezone.now()
    suspend = partial(services.suspend, user=bob, by=alice, now=now)
    deactivate = partial(services.deactivate, user=bob, password=PASSWORD, now=now)
    sign_in = partial(services.sign_in, login="bob", password=PASSWORD, now=now)
    everything = shown(charlie, acts)
    assert len(everything) == 4
    for change, state, seen in (
        (suspend, "gone", 0),
        (partial(services.unsuspend, user=bob, by=alice), "open", 4),
        (deactivate, "gone", 0),
        (sign_in, "open", 4),
        (partial(update_profile, user=bob, changes={"private": True}), "private", 0),
        (suspend, "gone", 0),
        (partial(services.unsuspend, user=bob, by=alice), "private", 0),
        (partial(update_profile, user=bob, changes={"private": False}), "open", 4),
    ):
        bob.refresh_from_db()
        change()
        assert shown(None, acts) == shown(charlie, acts) == everything[:seen]
        drain(times=2)
        assert shown(None, acts) == shown(charlie, acts) == everything[:seen]
        assert notes(bob) == {state}
        assert Mention.objects.get().author_gone == (state == "gone")
        assert not PendingRecount.objects.exists()


def test_what_a_private_account_does_is_noted_at_once(acts: Tweet, bob: User, alice: User) -> None:
    update_profile(user=bob, changes={"private": True})
    PendingRecount.objects.all().delete()
    new = post(bob, reply_to_id=acts.pk)
    own = marks.repost(user=bob, tweet_id=post(bob).pk)
    assert {new.author_state, own.author_state} == {"private"}
    for viewer in (bob, alice):  # its author, and whom it answers
        assert shown(viewer, acts)[0] == new.pk


def test_a_change_during_the_work_is_noted_by_its_own_event(acts: Tweet, bob: User) -> None:
    """The account returns while the task writes that it is gone."""
    services.suspend(user=bob, by=bob, now=timezone.now())
    note = author_states.note_state

    def note_then_return(user_id: int) -> None:
        note(user_id)
        services.unsuspend(user=bob, by=bob)

    everything = 4
    with mock.patch.object(recounts, "note_state", note_then_return):
        recounts.recount_around(user_id=bob.pk)
    assert notes(bob) == {"gone"}
    assert len(shown(None, acts)) == everything
    recounts.recount_around(user_id=bob.pk)
    assert notes(bob) == {"open"}
    assert len(shown(None, acts)) == everything


@pytest.mark.django_db(transaction=True)
def test_posting_and_becoming_public_at_once(bob: User, alice: User) -> None:
    """Whichever comes first: in the end nothing is noted as private."""
    tweet = post(alice)
    for _ in range(3):
        update_profile(user=bob, changes={"private": True})
        at_once(
            [
                partial(update_profile, user=bob, changes={"private": False}),
                partial(post, User.objects.get(pk=bob.pk), reply_to_id=tweet.pk),
                partial(recounts.recount_around, user_id=bob.pk),
            ]
        )
        recounts.recount_around(user_id=bob.pk)
        assert notes(bob) == {"open"}
