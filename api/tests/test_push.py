"""Devices that get notifications, in the native API."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from accounts.models import User
from notifications.push.models import PushSubscription
from tests.helpers.api_client import Api
from tests.helpers.push_service import Device, PushService, push_service
from tests.helpers.tweets import post

pytestmark = pytest.mark.django_db
PATH = "/api/me/push"


@pytest.fixture
def service(settings: Any) -> Iterator[PushService]:
    """The push service of all devices."""
    with push_service() as found:
        settings.OUTBOUND_TEST_SERVERS = (found.address,)
        yield found


def body(device: Device, **more: Any) -> dict[str, Any]:
    """What a client sends."""
    return {"endpoint": device.endpoint, "keys": device.keys, **more}


def test_a_device_is_subscribed_listed_and_taken_out(
    alice: User, bob: User, service: PushService, drain: Callable[..., int]
) -> None:
    (phone, phones), (tablet, tablets) = ((service.device(), Api(alice)) for _ in range(2))
    kinds = phones.put(PATH, body(phone)).json()["kinds"]
    assert "mention" in kinds
    assert "like" not in kinds
    chosen = {"kinds": ["mention"], "policy": "all"}
    tablets.put(PATH, body(tablet, **chosen))
    again = tablets.put(PATH, body(tablet)).json()
    assert {name: again[name] for name in chosen} == chosen, "what is left out stays"
    found = tablets.get(PATH).json()
    assert len(found["public_key"]) == 87
    seen = [(each["current"], each["endpoint"]) for each in found["devices"]]
    assert seen == [(True, tablet.endpoint), (False, None)]
    assert [Api(bob).delete(f"{PATH}/{found['devices'][1]['id']}").status_code] == [404]
    assert tablets.delete(f"{PATH}/{found['devices'][1]['id']}").status_code == 204
    assert tablets.delete(f"{PATH}/nonsense").status_code == 404
    post(bob, "@alice")
    drain()
    assert (len(tablet.got), phone.asked) == (1, 0)


def test_bad_input_is_refused(alice: User, service: PushService) -> None:
    phone, client = service.device(), Api(alice)
    wrong: dict[str, tuple[Any, ...]] = {
        "endpoint": (None, 1, "", "nonsense", "http://push.example/", "https://10.0.0.1/"),
        "keys": (None, "x", [], {}, {"p256dh": phone.p256dh}, {"p256dh": 1, "auth": None}),
        "p256dh": ({**phone.keys, "p256dh": "AAAA"},),
        "auth": ({**phone.keys, "auth": "AAAA"},),
        "kinds": ("mention", ["nonsense"], [1], ["mention"] * 99),
        "policy": ("some", 1, ["all"]),
    }
    for field, values in wrong.items():
        for value in values:
            name = "keys" if field in ("p256dh", "auth") else field
            response = client.put(PATH, body(phone, **{name: value}))
            assert response.status_code == 400, (field, value)
            assert field in str([*response.json()["fields"]]), (field, value)
    assert client.put(PATH, [1]).status_code == 400
    assert not PushSubscription.objects.exists()
    for method in ("get", "put"):
        assert getattr(Api(), method)(PATH).status_code == 401
