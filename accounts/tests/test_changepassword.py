"""`manage.py changepassword`: through the service, whatever happened while it waited."""

from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts import services
from accounts.management.commands import changepassword
from accounts.models import TokenFamily, User
from accounts.tokens import issue
from conftest import PASSWORD
from people import services as people
from people.counters import check

NEW = "a brand new passphrase 7"
Answer = Callable[..., None]


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Answer:
    """Types the answers: `answer("one", "one")`."""

    def prepare(*answers: str) -> None:
        given = iter(answers)
        monkeypatch.setattr(changepassword, "getpass", lambda prompt: next(given))

    return prepare


def run(handle: str) -> str:
    said = StringIO()
    call_command("changepassword", handle, stdout=said)
    return said.getvalue()


@pytest.mark.parametrize("handle", ["alice", "ALICE", "@alice"])
def test_it_sets_a_new_password_and_ends_sign_ins(alice: User, answer: Answer, handle: str) -> None:
    issue(user=alice, now=timezone.now())
    answer(NEW, NEW)
    assert run(handle) == "@alice has a new password.\n"
    assert services.sign_in(login="alice", password=NEW, now=timezone.now()) == alice
    assert not TokenFamily.objects.exists()


def test_what_happens_while_it_waits_is_kept(
    alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def followed_meanwhile(prompt: str) -> str:
        people.follow(follower=bob, followee=alice)
        return NEW

    monkeypatch.setattr(changepassword, "getpass", followed_meanwhile)
    run("alice")
    assert check() == []


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        ((NEW, f"{NEW}!"), "two passwords"),
        (("12345678", "12345678"), "too common"),
        (("alice", "alice"), "too similar"),
        (("\x00" * 12, "\x00" * 12), "proper characters"),
    ],
)
def test_it_refuses_a_bad_password(
    alice: User, answer: Answer, answers: tuple[str, str], problem: str
) -> None:
    answer(*answers)
    with pytest.raises(CommandError, match=problem):
        run("alice")
    assert services.sign_in(login="alice", password=PASSWORD, now=timezone.now()) == alice


def test_it_says_when_there_is_nobody(db: None) -> None:
    with pytest.raises(CommandError, match="Nobody is called 'nobody'"):
        run("nobody")
