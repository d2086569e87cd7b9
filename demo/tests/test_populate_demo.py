"""`manage.py populate_demo`: a town that lives, made once, by the services that people use."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from accounts import services
from accounts.models import User
from chirp.pagination import PageRequest
from demo.management.commands import populate_demo
from demo.talk import Talk
from outbox.models import Event
from people import counters as people_counters
from people.models import Follow
from timelines import selectors
from timelines.models import PulledAuthor
from tweets import counters as tweet_counters
from tweets.models import Hashtag, Like, Mention, Tweet

pytestmark = pytest.mark.django_db
PEOPLE = 24


@pytest.fixture
def secret(settings: Settings, tmp_path: Path) -> Path:
    """Where the passwords will be: a machine that has run nothing yet."""
    settings.VAR_DIR = tmp_path / "var"
    return tmp_path / "var" / "secrets" / "demo.txt"


def run(**options: int) -> str:
    said = StringIO()
    call_command("populate_demo", stdout=said, **({"people": PEOPLE} | options))
    return said.getvalue()


def passwords(secret: Path) -> dict[str, str]:
    return dict(line.split() for line in secret.read_text().splitlines())


def test_the_town_is_lively_and_every_count_is_right(secret: Path) -> None:
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
    assert people_counters.check() == []
    assert tweet_counters.check() == []


def test_a_few_are_followed_by_very_many(secret: Path) -> None:
    run(people=60)
    followers = sorted(User.objects.values_list("followers_count", flat=True))
    assert followers[-1] >= 25
    assert followers[len(followers) // 2] <= 5


def test_some_are_celebrities_at_any_threshold(secret: Path, settings: Settings) -> None:
    settings.CELEBRITY_FOLLOWERS = 10_000
    run()
    stars = User.objects.order_by("-followers_count")[: populate_demo.STARS]
    pulled = PulledAuthor.objects.values_list("author__followers_count", flat=True)
    assert sorted(pulled) == sorted(star.followers_count for star in stars)


def test_those_over_a_low_threshold_need_no_override(
    secret: Path, settings: Settings, drain: Callable[..., int]
) -> None:
    settings.CELEBRITY_FOLLOWERS = 5
    run()
    assert not PulledAuthor.objects.exists(), "reviews are work for the workers"
    drain()
    expected = User.objects.filter(followers_count__gte=5).count()
    assert PulledAuthor.objects.count() == expected > populate_demo.STARS


def test_the_demo_account_has_a_home_to_look_at(secret: Path) -> None:
    run()
    guest = User.objects.get(handle="demo")
    assert len(selectors.home(viewer=guest, page=PageRequest()).results) == 20
    assert guest.following_count >= PEOPLE // 2
    assert Mention.objects.filter(user=guest).exists()


def test_it_goes_through_the_outbox_as_everything_does(secret: Path) -> None:
    run(people=20)
    follows = Follow.objects.exclude(since_id=None).count()
    accepted = Event.objects.filter(topic="follow.accepted", consumers=["timelines.merge"]).count()
    assert accepted == follows
    assert Event.objects.filter(topic="tweet.posted").count() >= Tweet.objects.count()


# --- The two accounts ---------------------------------------------------------------------------


def test_both_accounts_sign_in_with_the_passwords_that_it_prints_and_keeps(secret: Path) -> None:
    said = run()
    assert set(passwords(secret)) == {"demo", "demo_admin"}
    for handle, password in passwords(secret).items():
        assert (
            services.sign_in(login=handle, password=password, now=timezone.now()).handle == handle
        )
        assert f"{handle}  {password}" in said
    assert User.objects.get(handle="demo_admin").is_superuser
    assert not User.objects.get(handle="demo").is_staff


def test_nobody_else_can_read_the_passwords(secret: Path) -> None:
    run()
    assert secret.stat().st_mode & 0o777 == 0o600
    assert secret.parent.stat().st_mode & 0o777 == 0o700


def test_passwords_differ_from_machine_to_machine(secret: Path, settings: Settings) -> None:
    first = populate_demo._passwords()
    settings.VAR_DIR = secret.parent.parent / "elsewhere"
    assert not set(first.values()) & set(populate_demo._passwords().values())


def test_the_people_of_the_town_cannot_sign_in(secret: Path) -> None:
    run()
    made_up = User.objects.exclude(handle__in=["demo", "demo_admin"])
    assert not any(user.has_usable_password() for user in made_up)


# --- Again --------------------------------------------------------------------------------------


def test_a_second_run_says_that_it_is_there_and_changes_nothing(secret: Path) -> None:
    run()
    before = (User.objects.count(), Tweet.objects.count(), Event.objects.count())
    kept = secret.read_text()
    said = run()
    assert "is there already" in said
    assert str(secret) in said
    assert (User.objects.count(), Tweet.objects.count(), Event.objects.count()) == before
    assert secret.read_text() == kept


def test_a_run_that_was_cut_short_is_finished_by_the_next(
    secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(Talk, "react", interrupt)
        with pytest.raises(KeyboardInterrupt):
            run()
    assert Tweet.objects.exists()
    assert "The demo is ready" in run()
    assert User.objects.count() == PEOPLE + 2
    assert "is there already" in run()
    assert people_counters.check() == []


def interrupt(talk: object) -> None:
    raise KeyboardInterrupt


def test_it_leaves_a_real_person_called_demo_alone(
    secret: Path, person: Callable[..., User]
) -> None:
    person("Demo")
    with pytest.raises(CommandError, match="@demo is somebody else"):
        run()
    assert User.objects.count() == 1


@pytest.mark.parametrize("people", [-1, 0, 19, 3001])
def test_a_town_has_neither_too_few_nor_too_many(secret: Path, people: int) -> None:
    with pytest.raises(CommandError, match="--people must be"):
        run(people=people)
    assert not secret.exists()
