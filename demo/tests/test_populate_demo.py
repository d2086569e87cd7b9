"""`manage.py populate_demo`: builds the demo once, through the services that real users use."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from pytest_django import Settings

from accounts import services
from accounts.models import User
from chirp.pagination import PageRequest
from demo import ahead
from demo.management.commands import populate_demo
from filters.models import Filter
from lists.hashtags import followed_hashtags
from lists.selectors import lists_of
from media.models import Media
from moderation.models import Case
from notifications.kinds import Kind
from notifications.selectors import notifications
from outbox.models import Event
from people import counters as people_counters
from people.models import Follow
from search.trending import trending_tweets
from timelines import selectors
from timelines.lists import list_timeline
from timelines.models import PulledAuthor
from tweets import counters as tweet_counters
from tweets import posting
from tweets.conversations.models import Conversation
from tweets.conversations.read import conversations
from tweets.later.drafts import drafts
from tweets.later.scheduling import scheduled
from tweets.models import Hashtag, Like, Mention, Pin, Tweet
from tweets.polls.models import Poll
from tweets.read.lists import bookmarks

pytestmark = pytest.mark.django_db
PEOPLE = 24


PROCESS = ahead.process_pictures


@pytest.fixture
def secret(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The path of the password file, which does not exist yet. Pictures stay unprocessed."""
    monkeypatch.setattr(ahead, "process_pictures", lambda guest: None)
    settings.VAR_DIR = tmp_path / "var"
    return tmp_path / "var" / "secrets" / "demo.txt"


def run(**options: int) -> str:
    output = StringIO()
    call_command("populate_demo", stdout=output, **({"people": PEOPLE} | options))
    return output.getvalue()


def passwords(secret: Path) -> dict[str, str]:
    return dict(line.split() for line in secret.read_text().splitlines())


def test_the_town_has_every_kind_of_activity_and_right_counts(secret: Path) -> None:
    run()
    assert User.objects.count() == PEOPLE + 2
    tweets = Tweet.objects.all()
    assert tweets.filter(reply_to__isnull=False).count() > PEOPLE / 4
    assert tweets.filter(repost_of__isnull=False).exists()
    assert tweets.filter(quote_of__isnull=False).exists()
    assert tweets.filter(visibility="followers").exists() or tweets.exclude(spoiler="").exists()
    assert Like.objects.count() > PEOPLE
    assert Hashtag.objects.exists()
    assert Mention.objects.exists()
    assert Poll.objects.filter(voters__gt=1).exists()
    assert Conversation.objects.filter(user__handle="demo").exists()
    assert Pin.objects.exists()
    assert tweets.exclude(edited_at=None).count() > 2
    assert Media.objects.filter(purpose="avatar").count() == PEOPLE + 1
    assert Media.objects.filter(purpose="header", owner__handle="demo").exists()
    drawn = Media.objects.filter(purpose="tweet").exclude(tweet_id=None)
    assert drawn.exists()
    assert not drawn.filter(alt="").exists()
    assert tweets.filter(media_count__gt=0).count() < tweets.count() / 10
    dated = list(tweets.order_by("pk").values_list("created_at", flat=True))
    assert dated == sorted(dated)
    assert timedelta(days=4) < timezone.now() - dated[0] < timedelta(days=7)
    assert timedelta(0) < timezone.now() - dated[-1] < timedelta(hours=2)
    assert not tweets.filter(author__created_at__gt=F("created_at")).exists()
    assert people_counters.check() == []
    assert tweet_counters.check() == []
    follows = Follow.objects.exclude(since_id=None).count()
    accepted = Event.objects.filter(topic="follow.accepted")
    assert accepted.filter(consumers__contains=["timelines.merge"]).count() == follows
    assert Event.objects.filter(topic="tweet.posted").count() >= tweets.count()


def test_a_few_people_have_very_many_followers(secret: Path) -> None:
    run(people=60)
    followers = sorted(User.objects.values_list("followers_count", flat=True))
    assert followers[-1] >= 25
    assert followers[len(followers) // 2] <= 5


def test_some_people_are_celebrities_at_any_threshold(secret: Path, settings: Settings) -> None:
    settings.CELEBRITY_FOLLOWERS = 10_000
    run()
    celebrities = User.objects.order_by("-followers_count")[: populate_demo.CELEBRITIES]
    pulled = PulledAuthor.objects.values_list("author__followers_count", flat=True)
    assert sorted(pulled) == sorted(celebrity.followers_count for celebrity in celebrities)


def test_authors_over_a_low_threshold_need_no_override(
    secret: Path, settings: Settings, drain: Callable[..., int]
) -> None:
    settings.CELEBRITY_FOLLOWERS = 5
    run()
    assert not PulledAuthor.objects.exists(), "workers do the reviews"
    drain()
    expected = User.objects.filter(followers_count__gte=5).count()
    assert PulledAuthor.objects.count() == expected > populate_demo.CELEBRITIES


def kinds_for(guest: User) -> set[str]:
    page = PageRequest(limit=50)
    return {item.kind for item in notifications(viewer=guest, page=page).results}


def test_the_guest_finds_something_everywhere(
    secret: Path, settings: Settings, drain: Callable[..., int]
) -> None:
    settings.TIMELINE_BACKFILL_ON_FOLLOW = False
    run()
    guest, first = User.objects.get(handle="demo"), PageRequest()
    assert len(selectors.home(viewer=guest, page=first).results) == 20
    assert guest.following_count >= PEOPLE // 2
    private, shared = lists_of(viewer=guest, owner=guest)
    assert not shared.private
    assert private.private
    for each in (shared, private):
        assert list_timeline(viewer=guest, found=each, page=first).results
    assert bookmarks(viewer=guest, page=first).results
    assert followed_hashtags(user=guest, page=first).results
    assert Filter.objects.filter(owner=guest).exists()
    assert len(drafts(user=guest, page=first).results) == 2
    assert scheduled(user=guest, page=first).results
    assert Pin.objects.filter(user=guest).exists()
    talks = conversations(viewer=guest, page=first).results
    assert [talk.unread for talk in talks].count(False) < len(talks) == 2
    assert Case.objects.count() == 1
    assert trending_tweets(viewer=guest, page=first).results
    PROCESS(guest)
    guest.refresh_from_db()
    assert guest.avatar
    assert guest.header
    at_once = {Kind.MENTION, Kind.REPLY, Kind.QUOTE, Kind.LIKE, Kind.REPOST, Kind.FOLLOW}
    assert kinds_for(guest) >= at_once
    drain()
    assert kinds_for(guest) >= at_once | {Kind.TWEET, Kind.EDIT}


# --- The two accounts ---------------------------------------------------------------------------


def test_two_accounts_can_sign_in_with_the_printed_and_stored_passwords(secret: Path) -> None:
    output = run(people=20)
    assert secret.stat().st_mode & 0o777 == 0o600
    assert secret.parent.stat().st_mode & 0o777 == 0o700
    assert set(passwords(secret)) == {"demo", "demo_admin"}
    for handle, password in passwords(secret).items():
        assert (
            services.sign_in(login=handle, password=password, now=timezone.now()).handle == handle
        )
        assert f"{handle}  {password}" in output
    assert User.objects.get(handle="demo_admin").is_superuser
    assert not User.objects.get(handle="demo").is_staff
    made_up = User.objects.exclude(handle__in=["demo", "demo_admin"])
    assert not any(user.has_usable_password() for user in made_up)


def test_passwords_differ_between_machines(secret: Path, settings: Settings) -> None:
    first = populate_demo._passwords()
    settings.VAR_DIR = secret.parent.parent / "elsewhere"
    assert not set(first.values()) & set(populate_demo._passwords().values())


# --- Repeated runs ------------------------------------------------------------------------------


def test_a_second_run_changes_nothing(secret: Path) -> None:
    run()
    before = (User.objects.count(), Tweet.objects.count(), Event.objects.count())
    kept = secret.read_text()
    output = run()
    assert "already exists" in output
    assert str(secret) in output
    assert (User.objects.count(), Tweet.objects.count(), Event.objects.count()) == before
    assert secret.read_text() == kept


def activity() -> dict[str, int]:
    """What the demo consists of, by kind."""
    tweets = Tweet.objects.filter(deleted_at=None)
    return {
        "tweets": tweets.filter(repost_of=None).count(),
        "reposts": tweets.exclude(repost_of=None).count(),
        "texts": tweets.values("author__handle", "text", "lat").distinct().count(),
        "likes": Like.objects.count(),
        "follows": Follow.objects.count(),
    }


@pytest.mark.parametrize("posts", [1, 40])
def test_an_interrupted_run_posts_nothing_twice(
    secret: Path, monkeypatch: pytest.MonkeyPatch, posts: int
) -> None:
    with transaction.atomic():
        run()
        uninterrupted = activity()
        transaction.set_rollback(True)
    post, left = posting.post_tweet, iter(range(posts))

    def interrupted(**values: Any) -> Tweet:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return post(**values)

    with monkeypatch.context() as patched:
        patched.setattr(posting, "post_tweet", interrupted)
        with pytest.raises(KeyboardInterrupt):
            run()
    assert Tweet.objects.filter(repost_of=None).count() == posts
    assert "The demo is ready" in run()
    assert activity() == uninterrupted
    assert people_counters.check() == []


def test_a_real_account_called_demo_is_not_touched(
    secret: Path, person: Callable[..., User]
) -> None:
    person("Demo")
    with pytest.raises(CommandError, match="@demo is another user's account"):
        run()
    assert User.objects.count() == 1


@pytest.mark.parametrize("people", [-1, 0, 19, 3001])
def test_the_number_of_people_has_bounds(secret: Path, people: int) -> None:
    with pytest.raises(CommandError, match="--people must be"):
        run(people=people)
    assert not secret.exists()
