"""The address of a client behind proxies."""

from typing import Any

import pytest
from django.test import RequestFactory

from chirp.limits.addresses import client_address, networks


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, None, "192.0.2.1"),
        (0, "198.51.100.7", "192.0.2.1"),  # any client can forge that
        (1, "198.51.100.7", "198.51.100.7"),
        (1, "203.0.113.9, 198.51.100.7", "198.51.100.7"),
        (2, "203.0.113.9,198.51.100.7", "203.0.113.9"),
        (2, "1.1.1.1, 203.0.113.9, 198.51.100.7", "203.0.113.9"),
        (3, "203.0.113.9, 198.51.100.7", "203.0.113.9"),
        (1, None, "192.0.2.1"),
        (1, "not an address", "192.0.2.1"),
        (1, "2001:DB8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6"),
        (1, "::ffff:198.51.100.7", "198.51.100.7"),
    ],
)
def test_the_address_is_the_one_that_trusted_proxies_report(
    settings: Any, proxies: int, forwarded: str | None, address: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    request = RequestFactory(REMOTE_ADDR="192.0.2.1").get("/", headers=headers)
    assert client_address(request.META) == address


def test_a_request_without_an_address_has_an_empty_one() -> None:
    request = RequestFactory(REMOTE_ADDR="").get("/")  # as from a server behind a Unix socket
    assert client_address(request.META) == ""


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.1", ["192.0.2.1"]),
        ("::ffff:192.0.2.1", ["192.0.2.1"]),
        ("2001:db8:1:2:3:4:5:6", ["2001:db8:1:2::/64", "2001:db8:1::/56"]),
        ("2001:db8:1:2:ffff::1", ["2001:db8:1:2::/64", "2001:db8:1::/56"]),
        ("2001:db8:1:ff::1", ["2001:db8:1:ff::/64", "2001:db8:1::/56"]),
        ("2001:db8:1:100::1", ["2001:db8:1:100::/64", "2001:db8:1:100::/56"]),
        ("fe80::1%any\ntext", ["fe80::/64", "fe80::/56"]),
        ("", [""]),
        ("a socket", ["a socket"]),
    ],
)
def test_an_ipv6_address_counts_for_its_networks(address: str, counted: list[str]) -> None:
    assert networks(address) == counted
