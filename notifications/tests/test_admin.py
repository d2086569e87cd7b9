"""The admin shows notifications and settings, and changes none of them."""

from collections.abc import Callable

import pytest

from accounts.models import User
from notifications import markers, preferences
from notifications.models import Digest, Group, Marker, Request, Settings
from tests.helpers.admin import address, browser
from tests.helpers.pages import page
from tests.helpers.tweets import post

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("model", [Group, Settings, Request, Digest, Marker])
def test_it_is_shown_and_read_only(
    alice: User, bob: User, charlie: User, drain: Callable[..., int], model: type
) -> None:
    preferences.change(user=alice, strangers="filter")
    preferences.accept_stranger(user=alice, actor=bob)
    post(bob, "@alice")
    drain()
    markers.read_notifications(user=alice)
    Digest.objects.create(user=alice, day="2026-11-28")
    client = browser(charlie, superuser=True)
    (row,) = model.objects.all()  # type: ignore[attr-defined]
    assert "@alice" in page(client.get(address(model)))
    assert client.get(address(model, "change", row.pk)).status_code == 200
    assert client.get(address(model, "add")).status_code == 403
    assert client.post(address(model, "change", row.pk), {"count": 7}).status_code == 403


def test_groups_are_found_by_the_recipient(
    alice: User, bob: User, charlie: User, drain: Callable[..., int]
) -> None:
    post(bob, "@alice @charlie")
    drain()
    found = page(browser(charlie, superuser=True).get(f"{address(Group)}?q=@ALICE"))
    assert "1 group" in found
