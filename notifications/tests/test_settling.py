"""Who is notified of what, and when it is taken back."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import services as accounts
from accounts.models import User
from conftest import PASSWORD
from notifications import preferences, services
from notifications.models import Group, Notification
from people import services as people
from people.profile import update_profile
from tests.helpers.notifications import Shown, shown
from tests.helpers.tweets import post
from tweets import editing, marks, moderation
from tweets.conversation_mutes import mute_conversation, unmute_conversation
from tweets.deleting import delete_tweet
from tweets.polls.ending import end_polls
from tweets.polls.rules import NewPoll
from tweets.polls.voting import vote
from tweets.quotes import detach_quote

Told = Callable[[User], list[Shown]]
pytestmark = pytest.mark.django_db


def test_likes_of_one_tweet_are_one_group(
    alice: User, bob: User, charlie: User, told: Told
) -> None:
    tweet = post(alice)
    marks.like(user=bob, tweet_id=tweet.pk)
    marks.like(user=charlie, tweet_id=tweet.pk)
    marks.like(user=alice, tweet_id=tweet.pk)
    assert told(alice) == [("like", 2, ["charlie", "bob"])]
    assert Group.objects.count() == 1


def test_a_tweet_notifies_each_account_once_with_the_most_specific_kind(
    alice: User, bob: User, charlie: User, told: Told
) -> None:
    tweet = post(alice)
    post(bob, "@alice @charlie @bob hi", reply_to_id=tweet.pk, quote_of_id=tweet.pk)
    assert told(alice) == [("reply", 1, ["bob"])]
    assert told(charlie) == [("mention", 1, ["bob"])]
    assert told(bob) == []
    post(charlie, "@alice see", quote_of_id=tweet.pk)
    assert told(alice)[0] == ("quote", 1, ["charlie"])


def test_a_repost_notifies_until_it_is_undone(alice: User, bob: User, told: Told) -> None:
    tweet = post(alice)
    marks.repost(user=bob, tweet_id=tweet.pk)
    assert told(alice) == [("repost", 1, ["bob"])]
    marks.undo_repost(user=bob, tweet_id=tweet.pk)
    assert told(alice) == []


def test_follows_are_grouped_by_day_and_requests_end(
    alice: User, bob: User, charlie: User, told: Told
) -> None:
    people.follow(follower=bob, followee=alice)
    people.follow(follower=charlie, followee=alice)
    assert told(alice) == [("follow", 2, ["charlie", "bob"])]
    people.unfollow(follower=charlie, followee=alice)
    assert told(alice) == [("follow", 1, ["bob"])]
    update_profile(user=alice, changes={"private": True})
    people.follow(follower=charlie, followee=alice)
    assert told(alice)[0] == ("follow_request", 1, ["charlie"])
    people.reject_request(followee=alice, follower=charlie)
    assert told(alice) == [("follow", 1, ["bob"])]
    people.follow(follower=charlie, followee=alice)
    people.accept_request(followee=alice, follower=charlie)
    assert told(alice) == [("follow", 2, ["charlie", "bob"])]


def test_a_like_that_is_repeated_notifies_nobody_again(
    alice: User, bob: User, charlie: User, told: Told
) -> None:
    tweet = post(alice)
    for user in (bob, charlie):
        marks.like(user=user, tweet_id=tweet.pk)
    told(alice)
    latest = Group.objects.get().newest_id
    marks.unlike(user=charlie, tweet_id=tweet.pk)
    assert told(alice) == [("like", 1, ["bob"])]
    marks.like(user=charlie, tweet_id=tweet.pk)
    assert told(alice) == [("like", 2, ["charlie", "bob"])]
    assert Group.objects.get().newest_id == latest


def test_events_may_come_twice_and_in_reverse(alice: User, bob: User, charlie: User) -> None:
    tweet = post(alice)
    for user in (bob, charlie):
        marks.like(user=user, tweet_id=tweet.pk)
    marks.unlike(user=bob, tweet_id=tweet.pk)
    for _ in range(2):  # unlike, then like: the tasks are told the same
        services.liked(likes=[(tweet.pk, bob.pk), (tweet.pk, charlie.pk)])
        services.liked(likes=[(tweet.pk, bob.pk)])
    assert shown(alice) == [("like", 1, ["charlie"])]
    assert Notification.objects.count() == 1


def test_every_event_delivered_twice_changes_nothing(
    alice: User, bob: User, drain: Callable[..., int]
) -> None:
    people.follow(follower=bob, followee=alice, notify=True)
    tweet = post(alice)
    marks.like(user=bob, tweet_id=tweet.pk)
    marks.repost(user=bob, tweet_id=tweet.pk)
    post(bob, "@alice", reply_to_id=tweet.pk)
    editing.edit_tweet(author=alice, tweet_id=tweet.pk, text="other")
    drain(times=2)
    assert {(s.kind, s.number) for s in shown(alice)} == {
        *(("like", 1), ("repost", 1), ("reply", 1), ("follow", 1)),
    }
    assert {s.kind for s in shown(bob)} == {"edit", "tweet"}
    assert Notification.objects.count() == 6


@pytest.mark.parametrize("edge", ["block", "blocked_by", "mute"])
def test_a_block_or_mute_hides_at_once_and_for_as_long_as_it_lasts(
    alice: User, bob: User, charlie: User, told: Told, edge: str
) -> None:
    begin: dict[str, Callable[[], None]] = {
        "block": lambda: people.block(blocker=alice, blocked=bob),
        "blocked_by": lambda: people.block(blocker=bob, blocked=alice),
        "mute": lambda: people.mute(muter=alice, muted=bob),
    }
    end: dict[str, Callable[[], None]] = {
        "block": lambda: people.unblock(blocker=alice, blocked=bob),
        "blocked_by": lambda: people.unblock(blocker=bob, blocked=alice),
        "mute": lambda: people.unmute(muter=alice, muted=bob),
    }
    tweet = post(alice)
    for user in (bob, charlie):
        marks.like(user=user, tweet_id=tweet.pk)
    post(bob, "@alice")
    before = told(alice)
    begin[edge]()
    assert shown(alice) == [("like", 1, ["charlie"])]  # before any task
    assert told(alice) == [("like", 1, ["charlie"])]
    assert Group.objects.get(kind="like").count == 1
    end[edge]()
    assert told(alice) == before


@pytest.mark.parametrize("edge", ["block", "mute"])
def test_nothing_comes_across_a_block_or_mute(
    alice: User, bob: User, told: Told, edge: str
) -> None:
    tweet = post(alice)
    marks.like(user=bob, tweet_id=tweet.pk)
    if edge == "block":
        people.block(blocker=alice, blocked=bob)
    else:
        people.mute(muter=alice, muted=bob)
        post(bob, "@alice")
    assert told(alice) == []
    assert not Notification.objects.exists()


def test_a_tweet_that_is_gone_takes_its_notifications_along(
    alice: User, bob: User, told: Told
) -> None:
    tweet = post(bob, "@alice hello")
    answer = post(alice, reply_to_id=tweet.pk)
    marks.like(user=bob, tweet_id=answer.pk)
    assert [s.kind for s in told(alice)] == ["like", "mention"]
    moderation.hide_tweet(tweet_id=tweet.pk, by=bob)
    assert [s.kind for s in shown(alice)] == ["like"]
    assert [s.kind for s in told(alice)] == ["like"]
    moderation.unhide_tweet(tweet_id=tweet.pk, by=bob)
    assert [s.kind for s in told(alice)] == ["like", "mention"]
    delete_tweet(author=alice, tweet_id=answer.pk)
    assert [s.kind for s in shown(alice)] == ["mention"]
    assert [s.kind for s in told(alice)] == ["mention"]
    assert not Group.objects.get(kind="like").visible


def test_a_tweet_that_was_hidden_when_its_task_ran_notifies_when_it_is_back(
    alice: User, bob: User, told: Told
) -> None:
    tweet = post(bob, "@alice hello")
    moderation.hide_tweet(tweet_id=tweet.pk, by=alice)
    assert told(alice) == []
    moderation.unhide_tweet(tweet_id=tweet.pk, by=alice)
    assert told(alice) == [("mention", 1, ["bob"])]


@pytest.mark.parametrize("how", ["suspend", "deactivate"])
def test_an_account_that_is_gone_is_not_named_until_it_returns(
    alice: User, bob: User, charlie: User, told: Told, how: str
) -> None:
    tweet = post(alice)
    for user in (bob, charlie):
        marks.like(user=user, tweet_id=tweet.pk)
    told(alice)
    if how == "suspend":
        accounts.suspend(user=bob, by=alice, now=timezone.now())
    else:
        accounts.deactivate(user=bob, password=PASSWORD, now=timezone.now())
    assert shown(alice) == [("like", 1, ["charlie"])]
    assert told(alice) == [("like", 1, ["charlie"])]
    assert Group.objects.get().count == 1
    if how == "suspend":
        accounts.unsuspend(user=bob, by=alice)
    else:
        accounts.reactivate(user=bob)
    assert told(alice) == [("like", 2, ["charlie", "bob"])]


def test_likes_and_reposts_of_private_accounts_are_known_to_their_followers(
    alice: User, bob: User, told: Told
) -> None:
    tweet = post(alice)
    marks.like(user=bob, tweet_id=tweet.pk)
    marks.repost(user=bob, tweet_id=tweet.pk)
    assert len(told(alice)) == 2
    update_profile(user=bob, changes={"private": True})
    assert shown(alice) == []
    assert told(alice) == []
    people.follow(follower=alice, followee=bob)
    people.accept_request(followee=bob, follower=alice)
    told(alice)
    update_profile(user=bob, changes={"private": False})
    assert len(told(alice)) == 2


def test_a_quote_for_followers_only_notifies_only_a_follower(
    alice: User, bob: User, told: Told
) -> None:
    tweet = post(alice)
    post(bob, "psst", quote_of_id=tweet.pk, visibility="followers")
    assert told(alice) == []
    people.follow(follower=alice, followee=bob)
    post(bob, "psst", quote_of_id=tweet.pk, visibility="followers")
    assert told(alice) == [("quote", 1, ["bob"])]


def test_subscribers_hear_of_tweets_but_not_of_reposts_and_replies_to_others(
    alice: User, bob: User, charlie: User, told: Told
) -> None:
    people.follow(follower=bob, followee=alice, notify=True)
    people.follow(follower=charlie, followee=alice)
    first = post(alice)
    post(alice, "more", reply_to_id=first.pk)
    post(alice, "to @bob himself")
    theirs = post(charlie)
    post(alice, "reply", reply_to_id=theirs.pk)
    marks.repost(user=alice, tweet_id=theirs.pk)
    post(alice, "secret", visibility="direct")
    assert [s.kind for s in told(bob)] == ["tweet", "tweet", "mention"]
    assert [s.kind for s in told(charlie)] == ["repost", "reply"]


def test_a_batch_of_tweets_notifies_of_each(
    alice: User, bob: User, charlie: User, told: Told
) -> None:
    people.follow(follower=bob, followee=alice, notify=True)
    first, second = post(alice), post(alice, "to @charlie")
    answer = post(charlie, "well", reply_to_id=first.pk)
    services.posted(tweet_ids=[answer.pk, second.pk, first.pk])
    assert [s.kind for s in shown(alice)] == ["reply"]
    assert [s.kind for s in shown(charlie)] == ["mention"]
    assert [s.kind for s in told(bob)] == ["tweet", "tweet"]


def test_audiences_are_walked_in_steps(
    alice: User, person: Callable[[str], User], told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "AT_ONCE", 2)
    readers = [person(f"reader{n}") for n in range(5)]
    for reader in readers:
        people.follow(follower=reader, followee=alice, notify=True)
    tweet = post(alice)
    for reader in readers:
        marks.repost(user=reader, tweet_id=tweet.pk)
        for visibility in ("public", "public", "unlisted"):
            post(reader, "look", quote_of_id=tweet.pk, visibility=visibility)
    told(alice)
    editing.edit_tweet(author=alice, tweet_id=tweet.pk, text="other")
    told(alice)
    kinds = {"quoted_edit", "edit", "tweet"}
    assert all({s.kind for s in shown(r)} == kinds for r in readers)
    assert all(len(shown(r)) == 3 for r in readers)
    delete_tweet(author=alice, tweet_id=tweet.pk)
    told(alice)
    assert not Group.objects.filter(tweet=tweet, visible=True).exists()
    accounts.suspend(user=alice, by=readers[0], now=timezone.now())
    told(alice)
    assert not Notification.objects.filter(actor=alice, standing=True).exists()


def test_an_edit_notifies_nobody_of_mentions_and_retracts_those_it_removed(
    alice: User, bob: User, charlie: User, told: Told
) -> None:
    tweet = post(bob, "@alice")
    assert len(told(alice)) == 1
    editing.edit_tweet(author=bob, tweet_id=tweet.pk, text="@charlie")
    assert told(alice) == []
    assert told(charlie) == []


def test_an_undone_repost_takes_the_note_of_the_edit_along(
    alice: User, bob: User, told: Told
) -> None:
    tweet = post(alice)
    marks.repost(user=bob, tweet_id=tweet.pk)
    editing.edit_tweet(author=alice, tweet_id=tweet.pk, text="other")
    assert told(bob) == [("edit", 1, ["alice"])]
    marks.undo_repost(user=bob, tweet_id=tweet.pk)
    assert told(bob) == []


def test_quoters_hear_of_an_edit_once_while_their_quote_shows_the_tweet(
    alice: User, bob: User, charlie: User, told: Told
) -> None:
    tweet = post(alice)
    first, second = (post(bob, text, quote_of_id=tweet.pk) for text in ("look", "look again"))
    post(alice, "mine again", quote_of_id=tweet.pk)
    hidden = post(charlie, "me too", quote_of_id=tweet.pk, visibility="followers")
    told(alice)
    for text in ("other", "another"):
        editing.edit_tweet(author=alice, tweet_id=tweet.pk, text=text)
        assert told(bob) == told(charlie) == [("quoted_edit", 1, ["alice"])]
    assert {each.kind for each in told(alice)} == {"quote"}
    delete_tweet(author=bob, tweet_id=first.pk)
    assert len(told(bob)) == 1
    detach_quote(author=alice, tweet_id=tweet.pk, quote_id=second.pk)
    assert told(bob) == []
    moderation.hide_tweet(tweet_id=hidden.pk, by=bob)
    assert told(charlie) == []
    moderation.unhide_tweet(tweet_id=hidden.pk, by=bob)
    assert len(told(charlie)) == 1
    delete_tweet(author=alice, tweet_id=tweet.pk)
    assert told(charlie) == []


@pytest.mark.parametrize("edge", ["block", "mute", "conversation", "off", "private"])
def test_an_edit_of_a_quoted_tweet_is_told_by_the_rules_of_all_kinds(
    alice: User, bob: User, told: Told, edge: str
) -> None:
    tweet = post(alice)
    post(bob, "look", quote_of_id=tweet.pk)
    begin: dict[str, Callable[[], object]] = {
        "block": lambda: people.block(blocker=alice, blocked=bob),
        "mute": lambda: people.mute(muter=bob, muted=alice),
        "conversation": lambda: mute_conversation(user=bob, tweet_id=tweet.pk),
        "off": lambda: preferences.change(user=bob, site={"quoted_edit": False}),
        "private": lambda: update_profile(user=alice, changes={"private": True}),
    }
    begin[edge]()
    editing.edit_tweet(author=alice, tweet_id=tweet.pk, text="other")
    assert told(bob) == []


def test_a_poll_that_ended_is_told_to_its_author_and_its_voters(alice: User, bob: User) -> None:
    tweet = post(alice)
    for _ in range(2):
        services.poll_ended(tweet_id=tweet.pk, voters=[bob.pk, alice.pk])
    assert shown(alice) == [("poll_ended", 1, [])]
    assert shown(bob) == [("poll_ended", 1, ["alice"])]


def test_moderators_tell_each_decision_once_even_about_what_is_hidden(
    alice: User, bob: User
) -> None:
    tweet = post(alice)
    moderation.hide_tweet(tweet_id=tweet.pk, by=bob)
    for reference in (1, 1, 2):
        services.moderated(
            recipient_id=alice.pk, reference=reference, note="Spam.", tweet_id=tweet.pk
        )
    services.moderated(recipient_id=alice.pk, reference=3, note="Careful.")
    assert [s.kind for s in shown(alice)] == ["moderation"] * 3


def test_what_is_old_is_deleted_with_its_group(alice: User, bob: User, told: Told) -> None:
    post(bob, "@alice old")
    told(alice)
    Group.objects.update(newest_at=timezone.now() - services.KEPT - timedelta(minutes=1))
    post(bob, "@alice new")
    told(alice)
    for _ in range(2):
        services.forget_old(now=timezone.now())
    assert (Group.objects.count(), Notification.objects.count()) == (1, 1)
    assert len(shown(alice)) == 1


def test_a_muted_conversation_tells_nothing_more(
    alice: User, bob: User, charlie: User, told: Told
) -> None:
    root = post(alice)
    reply = post(bob, reply_to_id=root.pk)
    before = told(alice)
    mute_conversation(user=alice, tweet_id=root.pk)
    post(charlie, "@alice and", reply_to_id=reply.pk)
    marks.like(user=bob, tweet_id=root.pk)
    assert told(alice) == before
    unmute_conversation(user=alice, tweet_id=reply.pk)
    marks.like(user=charlie, tweet_id=root.pk)
    assert told(alice)[0] == ("like", 1, ["charlie"])


def test_the_notification_of_a_quote_goes_when_it_is_detached(
    alice: User, bob: User, told: Told
) -> None:
    root = post(alice)
    quote = post(bob, "look", quote_of_id=root.pk)
    assert told(alice) == [("quote", 1, ["bob"])]
    detach_quote(author=alice, tweet_id=root.pk, quote_id=quote.pk)
    assert told(alice) == []


def test_voters_and_the_author_hear_of_the_end_of_a_poll(
    alice: User, bob: User, charlie: User, told: Told
) -> None:
    tweet = post(alice, "Tea?", poll=NewPoll(["Yes", "No"], 300))
    vote(user=bob, poll_id=tweet.pk, choices=[0])
    end_polls(now=timezone.now() + timedelta(minutes=6))
    assert [each[0] for each in told(alice)] == ["poll_ended"]
    assert [each[0] for each in told(bob)] == ["poll_ended"]
    assert told(charlie) == []
