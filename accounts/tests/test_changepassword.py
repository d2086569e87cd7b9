"""`manage.py changepassword` uses the service and keeps changes made during its prompt."""

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
EnterPasswords = Callable[..., None]


@pytest.fixture
def enter(monkeypatch: pytest.MonkeyPatch) -> EnterPasswords:
    """Sets the input of the password prompts: `enter("one", "one")`."""

    def prepare(*passwords: str) -> None:
        remaining = iter(passwords)
        monkeypatch.setattr(changepassword, "getpass", lambda prompt: next(remaining))

    return prepare


def run(handle: str) -> str:
    """Run the command and return its output."""
    output = StringIO()
    call_command("changepassword", handle, stdout=output)
    return output.getvalue()


@pytest.mark.parametrize("handle", ["alice", "ALICE", "@alice"])
def test_it_sets_the_password_and_revokes_tokens(
    alice: User, enter: EnterPasswords, handle: str
) -> None:
    issue(user=alice, now=timezone.now())
    enter(NEW, NEW)
    assert run(handle) == "@alice has a new password.\n"
    assert services.sign_in(login="alice", password=NEW, now=timezone.now()) == alice
    assert not TokenFamily.objects.exists()


def test_a_change_during_the_prompt_is_kept(
    alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def follow_during_the_prompt(prompt: str) -> str:
        people.follow(follower=bob, followee=alice)
        return NEW

    monkeypatch.setattr(changepassword, "getpass", follow_during_the_prompt)
    run("alice")
    assert check() == []


@pytest.mark.parametrize(
    ("passwords", "problem"),
    [
        ((NEW, f"{NEW}!"), "do not match"),
        (("12345678", "12345678"), "too common"),
        (("alice", "alice"), "too similar"),
        (("\x00" * 12, "\x00" * 12), "valid characters"),
    ],
)
def test_it_refuses_a_bad_password(
    alice: User, enter: EnterPasswords, passwords: tuple[str, str], problem: str
) -> None:
    enter(*passwords)
    with pytest.raises(CommandError, match=problem):
        run("alice")
    assert services.sign_in(login="alice", password=PASSWORD, now=timezone.now()) == alice


def test_it_refuses_an_unknown_handle(db: None) -> None:
    with pytest.raises(CommandError, match="There is no account 'unknown'"):
        run("unknown")
