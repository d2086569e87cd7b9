"""Notifications on devices: their section in the settings, and what scripts and the worker ask."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from conftest import PASSWORD
from notifications.push.models import PushSubscription
from tests.helpers.pages import HTMX, code_in, page
from tests.helpers.push_service import Device, PushService, push_service
from tests.helpers.tweets import post

pytestmark = pytest.mark.django_db
PAGE, DEVICE = "/settings/notifications", "/settings/notifications/device"


@pytest.fixture
def service(settings: Any) -> Iterator[PushService]:
    """The push service of all devices."""
    with push_service() as found:
        settings.OUTBOUND_TEST_SERVERS = (found.address,)
        yield found


def browser(user: User, agent: str = "Firefox/1 Linux") -> Client:
    """A browser in which the user is signed in."""
    client = Client(headers={"User-Agent": agent})
    assert client.post("/login", {"login": user.handle, "password": PASSWORD}).status_code == 302
    return client


def fields(device: Device, **more: str) -> dict[str, str]:
    """What the script puts into the form."""
    return {"endpoint": device.endpoint, **device.keys, **more}


def test_a_device_is_turned_on_chooses_and_is_turned_off(
    alice: User, bob: User, service: PushService, drain: Callable[..., int]
) -> None:
    laptop, phone = service.device(), service.device()
    at_home, on_the_way = browser(alice), browser(alice, "Chrome/1 Android")
    first = page(at_home.get(PAGE))
    assert "data-push-why" in first
    assert code_in(first) == []
    told = at_home.get(DEVICE)
    assert told["Cache-Control"].startswith("max-age=0")
    assert (told.json()["on"], told.json()["key"] in first) == (False, True)
    response = at_home.post(DEVICE, fields(laptop))
    assert response["Location"] == f"{PAGE}#devices"
    assert at_home.get(DEVICE).json()["on"] is True
    assert on_the_way.post(DEVICE, fields(phone), headers=HTMX).status_code == 204
    shown = page(at_home.get(PAGE))
    assert "Turn off on Chrome on Android" in shown
    assert "Firefox on Linux" not in shown

    chosen = {"kinds": ["follow"], "policy": "followed"}
    assert at_home.post(f"{DEVICE}/choices", chosen).status_code == 302
    for bad in ({}, {"policy": "some"}, {**chosen, "kinds": ["nonsense"]}):
        assert "none of the choices" in page(at_home.post(f"{DEVICE}/choices", bad, follow=True))
    row = PushSubscription.objects.get(endpoint=laptop.endpoint)
    assert (row.kinds, row.policy) == (["follow"], "followed")
    post(bob, "@alice")
    drain()
    assert (phone.titles, laptop.asked) == (["bob mentioned you"], 0)

    assert browser(bob).post(f"{DEVICE}/off", {"id": row.pk}).status_code == 404
    at_home.post(f"{DEVICE}/off", {"id": row.pk})
    assert at_home.get(DEVICE).json()["on"] is False
    assert at_home.post(f"{DEVICE}/choices", chosen).status_code == 404
    on_the_way.post("/logout")
    assert not PushSubscription.objects.exists()


def test_bad_input_and_strangers(alice: User, service: PushService) -> None:
    client, good = browser(alice), fields(service.device())
    for wrong in ({}, {**good, "endpoint": "http://10.0.0.1/"}, {**good, "auth": "\0"}):
        assert client.post(DEVICE, wrong).status_code == 400, wrong
    for sent in ({}, {"id": "x"}, {"id": "9" * 30}):
        assert client.post(f"{DEVICE}/off", sent).status_code == 404
    assert not PushSubscription.objects.exists()
    for address in (DEVICE, f"{DEVICE}/choices", f"{DEVICE}/off"):
        assert "/login" in Client().post(address)["Location"]
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    assert strict.post(DEVICE, good).status_code == 403
    token = strict.get(DEVICE).json()["token"]
    assert strict.post(DEVICE, {**good, "csrfmiddlewaretoken": token}).status_code == 302
