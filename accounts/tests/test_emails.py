"""An e-mail address has one form, whichever way it is typed."""

import unicodedata

import pytest
from django.utils import timezone

from accounts import services
from accounts.creation import EmailTaken
from accounts.models import User
from accounts.validation import EMAIL_LENGTH, BadEmail, canonical_login, clean_email
from conftest import PASSWORD
from tests.helpers.admin import browser, shown

STORED = "x@xn--bcher-kva.example"
COMPOSED = "x@b\u00fccher.example"
FORMS = [
    COMPOSED,
    unicodedata.normalize("NFD", COMPOSED),
    STORED,
    STORED.upper(),
    COMPOSED.upper(),
    f"  {COMPOSED}\t",
    "x@b\u00fccher\u3002example",  # the full stop of Japanese keyboards
]


@pytest.mark.parametrize("form", FORMS)
def test_an_address_is_stored_in_one_form(form: str) -> None:
    assert clean_email(form).lower() == STORED
    assert canonical_login(form) == STORED


@pytest.mark.parametrize("typed", FORMS)
@pytest.mark.parametrize("registered", FORMS[:3])
def test_an_account_is_found_by_every_form_of_its_address(
    db: None, registered: str, typed: str
) -> None:
    user = services.register(handle="xenia", email=registered, password=PASSWORD)
    assert services.sign_in(login=typed, password=PASSWORD, now=timezone.now()) == user
    with pytest.raises(EmailTaken):
        services.register(handle="other", email=typed, password=PASSWORD)


@pytest.mark.parametrize("typed", FORMS[:4])
def test_operators_find_an_account_by_every_form_of_its_address(alice: User, typed: str) -> None:
    user = services.register(handle="xenia", email=COMPOSED, password=PASSWORD)
    assert shown(browser(alice, superuser=True), User, f"?q={typed}") == [user.pk]


@pytest.mark.parametrize(
    ("email", "stored"),
    [
        ("Dora@Example.ORG", "Dora@example.org"),
        ("d@fa\u00df.de", "d@xn--fa-hia.de"),
        ("d@[127.0.0.1]", "d@[127.0.0.1]"),
        ("d@localhost", "d@localhost"),
        ("d@xn--n3h.example", "d@xn--n3h.example"),  # a snowman, from before IDNA2008
    ],
)
def test_other_addresses_are_stored_as_they_were(email: str, stored: str) -> None:
    assert clean_email(email) == stored


@pytest.mark.parametrize(
    "email",
    [
        *(
            "",
            "@",
            "dora",
            "dora@",
            "@example.org",
            "d@..",
            "d@a..b",
            "d@-a.example",
            "d@ex ample.org",
        ),
        *("d@\u2603.example", "d@example.org\x00", "d@\ud800.org", "a@b@"),
        "d@" + "\u00fc" * 60 + "." + "\u00fc" * 60 + ".example",
        "d@" + "a." * 2_000 + "example",
        "d" * EMAIL_LENGTH + "@example.org",
        "\u00fc" * 200 + "@" + "\u00fc." * 200,
    ],
)
def test_what_is_not_an_address_is_refused(email: str) -> None:
    with pytest.raises(BadEmail):
        clean_email(email)


def test_a_login_that_is_no_address_finds_nobody(alice: User) -> None:
    for login in ("@@", "x@" + "\u00fc" * 300, "alice@[", "alice@xn--zzzzzz", "@alice@example.org"):
        with pytest.raises(services.BadCredentials):
            services.sign_in(login=login, password=PASSWORD, now=timezone.now())
