"""`manage.py timeline`: it shows, explains, verifies and repairs timelines."""

from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from accounts.models import User
from chirp.redis.client import client
from people import services as people
from timelines import celebrities, services, store
from tweets import marks
from tweets.posting import post_tweet

pytestmark = pytest.mark.django_db
Drain = Callable[..., int]


def timeline(*arguments: str) -> str:
    out = StringIO()
    call_command("timeline", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture(autouse=True)
def _follow(alice: User, bob: User, drain: Drain) -> None:
    people.follow(follower=bob, followee=alice)
    drain()


def post(author: User, text: str = "hello") -> str:
    return str(post_tweet(author=author, text=text).pk)


def test_show_prints_the_state_and_the_first_page(
    alice: User, bob: User, charlie: User, drain: Drain
) -> None:
    first, theirs = post(alice, "good\nmorning"), post(charlie, "news")
    marks.repost(user=alice, tweet_id=int(theirs))
    drain()
    assert "@bob: cold; pulls 0 celebrities" in timeline("show", "bob")
    output = timeline("show", "@BOB", "--limit", "5")
    assert "warm, 2 ids above 0" in output
    assert f"{first}  @alice: good morning" in output
    assert "@charlie (reposted by @alice): news" in output


def test_why_says_whether_a_tweet_is_pending_or_pushed(
    alice: User, bob: User, drain: Drain
) -> None:
    id_ = post(alice)
    assert "cold" in timeline("why", "bob", id_)
    services.populate(viewer_id=bob.pk)
    later = post(alice)
    assert "is pending" in timeline("why", "bob", later)
    drain()
    assert "The tweet was pushed" in timeline("why", "bob", later)


def test_why_names_the_broken_rule(alice: User, bob: User, charlie: User) -> None:
    assert "Rule 1" in timeline("why", "bob", post(charlie))
    id_ = post(alice)
    people.mute(muter=bob, muted=alice)
    assert "Rule 4" in timeline("why", "bob", id_)


def test_why_recognizes_own_tweets_celebrities_and_tweets_below_the_floor(
    alice: User, bob: User, drain: Drain, settings: Settings
) -> None:
    assert "own tweets" in timeline("why", "bob", post(bob))
    settings.HOME_MAX_LENGTH = 1
    old = post(alice)
    services.populate(viewer_id=bob.pk)
    post(alice)
    drain()
    assert "below the floor" in timeline("why", "bob", old)
    celebrities.set_override(author=alice, decision="pull")
    assert "celebrity" in timeline("why", "bob", old)


def test_why_refuses_invalid_and_unknown_ids() -> None:
    with pytest.raises(CommandError, match="not the id"):
        timeline("why", "bob", "12x")
    assert "no such tweet" in timeline("why", "bob", "12")


def test_verify_finds_a_gap(alice: User, bob: User, drain: Drain) -> None:
    kept, lost = post(alice), post(alice)
    drain()
    assert "2 of 2 equal" in timeline("verify", "--all", "--limit", "1")
    services.populate(viewer_id=bob.pk)
    client().zrem(store.home(bob.pk).key, lost)
    out = StringIO()
    with pytest.raises(CommandError, match="1 differ"):
        call_command("timeline", "verify", "bob", stdout=out)
    assert f"oracle [{lost}, {kept}]" in out.getvalue()
    assert f"read   [{kept}]" in out.getvalue()


def test_populate_repairs_a_gap(alice: User, bob: User, drain: Drain) -> None:
    lost = post(alice)
    drain()
    services.populate(viewer_id=bob.pk)
    client().zrem(store.home(bob.pk).key, lost)
    assert "1 of 1 timelines built" in timeline("populate", "bob")
    assert "1 of 1 equal" in timeline("verify", "bob")


def test_invalid_arguments_are_refused() -> None:
    for arguments in (["verify"], ["verify", "bob", "--all"]):
        with pytest.raises(CommandError, match="--all"):
            timeline(*arguments)
    with pytest.raises(CommandError, match="No account has the handle"):
        timeline("show", "nobody")
    with pytest.raises(CommandError, match="from 1 to 100"):
        timeline("show", "bob", "--limit", "101")


def test_stats_count_timelines_celebrities_and_pending_events(
    alice: User, bob: User, drain: Drain
) -> None:
    services.populate(viewer_id=bob.pk)
    post(alice)
    drain()
    post(alice)
    stats = timeline("stats")
    assert "home: 1 warm, 1 entries" in stats
    assert "celebrities: 0" in stats
    assert "outbox: 1 pending" in stats


def test_review_applies_a_changed_threshold(alice: User, settings: Settings) -> None:
    settings.CELEBRITY_FOLLOWERS = 1
    assert "pulled: 1 authors" in timeline("review")
