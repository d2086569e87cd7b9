"""`manage.py timeline`: what it shows, explains, finds and mends."""

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


def test_show_tells_the_state_and_the_first_page(
    alice: User, bob: User, charlie: User, drain: Drain
) -> None:
    first, theirs = post(alice, "good\nmorning"), post(charlie, "news")
    marks.repost(user=alice, tweet_id=int(theirs))
    drain()
    assert "@bob: cold; pulls 0 celebrities" in timeline("show", "bob")
    shown = timeline("show", "@BOB", "--limit", "5")
    assert "warm, 2 ids above 0" in shown
    assert f"{first}  @alice: good morning" in shown
    assert "@charlie (reposted by @alice): news" in shown


def test_why_follows_a_tweet_from_lag_to_push(alice: User, bob: User, drain: Drain) -> None:
    id_ = post(alice)
    assert "cold" in timeline("why", "bob", id_)
    services.populate(viewer_id=bob.pk)
    later = post(alice)
    assert "still to come" in timeline("why", "bob", later)
    drain()
    assert "It was pushed" in timeline("why", "bob", later)


def test_why_names_the_rule_that_keeps_a_tweet_out(alice: User, bob: User, charlie: User) -> None:
    assert "Rule 1" in timeline("why", "bob", post(charlie))
    id_ = post(alice)
    people.mute(muter=bob, muted=alice)
    assert "Rule 4" in timeline("why", "bob", id_)


def test_why_knows_ones_own_tweets_celebrities_and_what_lies_below_the_floor(
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


def test_why_refuses_what_is_no_id_and_what_is_no_tweet() -> None:
    with pytest.raises(CommandError, match="not an id"):
        timeline("why", "bob", "12x")
    assert "no such tweet" in timeline("why", "bob", "12")


def test_verify_finds_a_hole(alice: User, bob: User, drain: Drain) -> None:
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


def test_populate_mends_it(alice: User, bob: User, drain: Drain) -> None:
    lost = post(alice)
    drain()
    services.populate(viewer_id=bob.pk)
    client().zrem(store.home(bob.pk).key, lost)
    assert "1 of 1 timelines built" in timeline("populate", "bob")
    assert "1 of 1 equal" in timeline("verify", "bob")


def test_everybody_or_somebody_has_to_be_named() -> None:
    for arguments in (["verify"], ["verify", "bob", "--all"]):
        with pytest.raises(CommandError, match="--all"):
            timeline(*arguments)
    with pytest.raises(CommandError, match="Nobody is called"):
        timeline("show", "nobody")
    with pytest.raises(CommandError, match="from 1 to 100"):
        timeline("show", "bob", "--limit", "101")


def test_stats_count_timelines_celebrities_and_what_is_owed(
    alice: User, bob: User, drain: Drain
) -> None:
    services.populate(viewer_id=bob.pk)
    post(alice)
    drain()
    post(alice)
    stats = timeline("stats")
    assert "home: 1 warm, 1 entries" in stats
    assert "celebrities: 0" in stats
    assert "outbox: 1 owed" in stats


def test_review_follows_a_changed_threshold(alice: User, settings: Settings) -> None:
    settings.CELEBRITY_FOLLOWERS = 1
    assert "pulled: 1 authors" in timeline("review")
