"""An account through its e-mails and its second factor, in a real browser."""

import re
from collections.abc import Callable

import pytest

from tests.browser.person import Person
from tests.helpers.authenticator import code
from tests.helpers.smtp import Mailbox, path_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NEW = "a wholly different phrase"


def logs_in(person: Person, password: str) -> None:
    """Enter the password, after the session has ended."""
    person.browser.delete_all_cookies()
    person.visits("/login")
    person.fills(login="dora", password=password)
    person.presses("Log in", within="main form")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_an_account_is_protected_and_recovered(
    opens: Callable[..., Person], scripts: bool, mail: Mailbox, drain: Callable[..., int]
) -> None:
    dora = opens(scripts=scripts)

    def opens_the_link(recipient: str) -> None:
        drain()
        assert mail.recipients[-1] == recipient
        dora.visits(path_in(mail.messages[-1]))

    dora.registers("dora")
    opens_the_link("dora@example.org")
    dora.presses("Confirm the address")
    dora.waits(lambda: "dora@example.org is confirmed." in dora.text)

    dora.visits("/settings/two-step/app")
    secret = dora.one(".secret-text").text
    dora.fills(code=code(secret))
    dora.presses("Turn on")
    recovery = re.findall(r"\d{4}-\d{4}", dora.sees(".recovery-codes").text)
    assert len(recovery) == 10

    # The password is forgotten, and replaced by e-mail.
    dora.browser.delete_all_cookies()
    dora.visits("/login/forgotten")
    dora.fills(login="dora")
    dora.presses("Send me a link")
    dora.waits(lambda: "on its way" in dora.text)
    opens_the_link("dora@example.org")
    dora.fills(password=NEW)
    dora.presses("Set the password")
    dora.waits(lambda: "The new password is set" in dora.text)

    logs_in(dora, NEW)
    dora.sees("[name=code]")
    dora.fills(code="000000")
    dora.presses("Log in", within="main form")
    dora.waits(lambda: "This code is not right" in dora.text)
    dora.one("[name=code]").clear()
    dora.fills(code=code(secret, steps=1))
    dora.presses("Log in", within="main form")
    dora.sees(".nav")
    logs_in(dora, NEW)
    dora.sees("[name=code]")
    dora.fills(code=recovery[0])
    dora.presses("Log in", within="main form")
    dora.sees(".nav")

    dora.visits("/settings/email")
    dora.fills(email="dora@example.net", password=NEW)
    dora.presses("Change")
    dora.waits(lambda: "Now confirm dora@example.net" in dora.text)
    opens_the_link("dora@example.net")
    dora.presses("Confirm the address")
    dora.waits(lambda: "dora@example.net is confirmed." in dora.text)
    assert not [each for each in dora.complaints() if "401 (Unauthorized)" not in each]
