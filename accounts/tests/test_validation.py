"""The links of profiles: what is displayed is what opens."""

import pytest

from accounts.validation import BadLink, clean_link
from chirp.plain_text import BadText


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("", ""),
        ("\u2800\u200b", ""),
        (" https://example.com/a?b=c#d ", "https://example.com/a?b=c#d"),
        ("HTTPS://Example.com:8080/A", "https://example.com:8080/A"),
        ("https://аpple.com/", "https://xn--pple-43d.com/"),  # the first letter is Cyrillic
        ("https://münchen.de/ü", "https://xn--mnchen-3ya.de/ü"),
        ("https://example.com/می\u200cخواهم", "https://example.com/می\u200cخواهم"),
    ],
)
def test_a_link_is_stored_with_the_host_that_it_opens(typed: str, stored: str) -> None:
    assert clean_link(typed) == stored == clean_link(stored)


@pytest.mark.parametrize(
    "link",
    [
        *(
            "https://bank.example@evil.example/",
            "https://a:b@evil.example",
            "https://@evil.example",
        ),
        *("https://example.com/\u2800", "https://exa\u2800mple.com", "https://example.com/a b"),
        *("https://example.com/\u3164", "https://example.com/\u200b", "https://example.com/\u200f"),
        *(
            "https://example.com\\@evil.example",
            "https://[::1",
            "https://x.com:99999",
            "https:x.com",
        ),
        *("example.com", "javascript:alert(1)", "ftp://example.com", "https://a.✪df.ws"),
    ],
)
def test_a_link_that_deceives_is_refused(link: str) -> None:
    with pytest.raises(BadLink):
        clean_link(link)


@pytest.mark.parametrize(
    "link",
    [
        "https://x.com/\u202egpj",
        "https://x.com/" + "a" * 200,
        "https://" + "ü" * 60 + ".example.com/" + "a" * 125,
    ],
)
def test_a_link_obeys_the_rules_of_texts(link: str) -> None:
    with pytest.raises((BadText, BadLink)):
        clean_link(link)
