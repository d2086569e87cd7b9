"""The admin shows notifications and settings, and changes none of them."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import SiteSession, User
from notifications import markers, preferences
from notifications.models import Digest, Group, Marker, Request, Settings
from notifications.push.models import Push, PushSubscription
from tests.helpers.admin import address, browser
from tests.helpers.pages import page
from tests.helpers.tweets import post

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "model", [Group, Settings, Request, Digest, Marker, Push, PushSubscription]
)
def test_it_is_shown_and_read_only(
    alice: User, bob: User, charlie: User, drain: Callable[..., int], model: type
) -> None:
    preferences.change(user=alice, strangers="filter")
    preferences.accept_stranger(user=alice, actor=bob)
    session = SiteSession.objects.create(user=alice, session_key="k", last_seen_at=timezone.now())
    device = PushSubscription.objects.create(
        user=alice, session=session, endpoint="https://push.example/secret", kinds=["mention"]
    )
    later = timezone.now() + timedelta(hours=1)
    PushSubscription.objects.update(resume_at=later)
    post(bob, "@alice")
    drain()
    assert "secret" not in page(browser(charlie, superuser=True).get(address(type(device))))
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
