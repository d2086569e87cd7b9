"""Passkeys in a real browser, with Chromium's virtual authenticator."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from conftest import PASSWORD
from tests.browser.person import Person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def alice(opens: Callable[..., Person]) -> Iterator[Person]:
    """A person with an authenticator in her device."""
    person = opens()
    send(person, "enable")
    added = send(person, "addVirtualAuthenticator", options=PHONE)
    yield person
    send(person, "removeVirtualAuthenticator", authenticatorId=added["authenticatorId"])
    send(person, "disable")


def send(person: Person, command: str, **arguments: Any) -> Any:
    """Send a command to the browser's authenticators."""
    return person.browser.execute_cdp_cmd(f"WebAuthn.{command}", arguments)


def logs_out(person: Person) -> None:
    """End the session, as if it were another day."""
    person.browser.delete_all_cookies()


def test_a_passkey_from_its_creation_to_its_removal(alice: Person) -> None:
    alice.registers("alice")
    alice.visits("/settings/two-step/passkey")
    alice.sees("form[data-passkey]:not([hidden]) [name=name]").clear()
    alice.fills(name="My phone")
    alice.presses("Add")
    alice.sees(".recovery-codes")
    alice.presses("I have kept them")
    assert "My phone" in alice.text
    # Once more on the same device: the browser refuses.
    alice.visits("/settings/two-step/passkey")
    alice.presses("Add")
    alice.waits(lambda: "has a passkey of your account already" in alice.text)

    # In place of the password.
    logs_out(alice)
    alice.visits("/login?next=/settings/two-step")
    alice.presses("Log in with a passkey")
    alice.sees(".settings-row")
    assert "last used" in alice.text

    # After the password.
    logs_out(alice)
    alice.visits("/login")
    alice.fills(login="alice", password=PASSWORD)
    alice.presses("Log in", within="main form")
    alice.waits(lambda: "Second step" in alice.text)
    alice.presses("Use a passkey")
    alice.sees(".nav")

    alice.visits("/settings/two-step")
    alice.presses("Remove: My phone")
    alice.waits(lambda: "Removed." in alice.text)
    logs_out(alice)
    alice.visits("/login")
    alice.presses("Log in with a passkey")
    alice.waits(lambda: "not known here" in alice.text)
    refused = [each for each in alice.complaints() if "401 (Unauthorized)" not in each]
    assert refused == []


def test_without_scripts_the_pages_say_what_is_missing(opens: Callable[..., Person]) -> None:
    bob = opens(scripts=False)
    bob.visits("/login")
    assert "Passkeys need JavaScript" in bob.text
    assert "Log in with a passkey" not in bob.text
    bob.registers("bob")
    bob.visits("/settings/two-step/passkey")
    assert "Passkeys need JavaScript" in bob.text
    assert not bob.one("form[data-passkey]").is_displayed()
