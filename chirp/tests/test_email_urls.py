"""EMAIL_URL in all its forms."""

import pytest

from chirp.email_urls import BadEmailUrl, django_settings


def test_by_default_it_is_written_to_the_log() -> None:
    assert django_settings("admin:")["EMAIL_BACKEND"].endswith("AdminBackend")


@pytest.mark.parametrize(
    ("url", "port", "tls", "ssl"),
    [
        ("smtp://mail.example", 25, False, False),
        ("smtp://mail.example:2525/", 2525, False, False),
        ("smtp+tls://mail.example", 587, True, False),
        ("smtps://mail.example", 465, False, True),
    ],
)
def test_smtp_has_a_port_and_a_way_to_encrypt(url: str, port: int, tls: bool, ssl: bool) -> None:
    found = django_settings(url)
    assert (found["EMAIL_HOST"], found["EMAIL_PORT"]) == ("mail.example", port)
    assert (found["EMAIL_USE_TLS"], found["EMAIL_USE_SSL"]) == (tls, ssl)


def test_names_and_passwords_may_be_quoted() -> None:
    found = django_settings("smtps://me%40example.org:p%2Fw%3A1@[::1]:465")
    assert (found["EMAIL_HOST_USER"], found["EMAIL_HOST_PASSWORD"]) == ("me@example.org", "p/w:1")
    assert found["EMAIL_HOST"] == "::1"


@pytest.mark.parametrize(
    "url",
    [
        *("smtp://", "smtp:", "http://mail.example", "mail.example", "console", "smtp://h:0"),
        *("smtp://u:secret@h:99999", "smtp://u:secret@h/path", "smtp://[u:secret"),
    ],
)
def test_anything_else_is_refused_without_the_password(url: str) -> None:
    with pytest.raises(BadEmailUrl) as refused:
        django_settings(url)
    assert "secret" not in str(refused.value)
