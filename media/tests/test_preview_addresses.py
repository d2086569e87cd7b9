"""From where previews are fetched, and what heads of pages say."""

import pytest

from chirp.outbound.addresses import is_public, normalized
from media.previews import page

REFUSED = """
0.0.0.0 10.1.2.3 127.0.0.1 127.255.255.254 169.254.169.254 172.16.0.1 192.168.1.1 100.64.0.1
100.100.100.200 168.63.129.16 192.0.0.192 192.0.2.1 192.88.99.1 198.18.0.1 198.51.100.1 203.0.113.1
224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
:: ::1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::8.8.8.8 64:ff9b::a00:1 64:ff9b::808:808 64:ff9b:1::1
fe80::1 fe80::1%eth0 fec0::1 fc00::1 fd00:ec2::254 ff02::1 2001::1 2001:db8::1 2002:7f00:1:: 100::1
3fff::1 localhost 1 0x7f.1
"""


def test_only_addresses_of_the_public_internet_are_requested() -> None:
    assert [text for text in REFUSED.split() if is_public(text)] == []
    assert all(map(is_public, ("1.1.1.1", "93.184.215.14", "2606:4700:4700::1111")))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTP://Example.COM:80#part", "http://example.com/"),
        (
            "https://bücher.example/straße?a=ä b",
            "https://xn--bcher-kva.example/stra%C3%9Fe?a=%C3%A4%20b",
        ),
        ("/other?x=%2F", "https://base.example/other?x=%2F"),
        ("//cdn.example:8443/i.png", "https://cdn.example:8443/i.png"),
        ("http://me@example.com/", None),
        ("http://localhost/", None),
        ("http://[::1]/", None),
        ("http://[broken/", None),
        ("http://example.com:99999/", None),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("http://example.com/" + "a" * 2000, None),
        ("http://example.com/\ud800", None),
    ],
)
def test_a_url_has_one_form(url: str, expected: str | None) -> None:
    assert normalized(url, base="https://base.example/dir/page") == expected


def test_pages_that_are_made_to_take_long_are_read() -> None:
    for piece in ("<", "<a ", "<!--", "<![", "<title>", "<meta content='", "</title", "&#", "<?"):
        page.read((piece * (600_000 // len(piece))).encode(), charset="")
