"""Notifications on a device, in a real browser.

The machine reaches no push service of a browser vendor, so the page is given a subscription of the
push service of the tests. What that service got for it is handed to the browser, whose service
worker shows it.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from accounts.models import User
from notifications.push.models import PushSubscription
from tests.browser.person import Person
from tests.helpers.push_service import Device, PushService, push_service
from tests.helpers.tweets import post

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGE = "/settings/notifications"
# A subscription as the browser would make it.
SUBSCRIBES = """
const made = %s;
const encoded = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)));
let current = null;
PushManager.prototype.getSubscription = async () => current;
PushManager.prototype.subscribe = async (options) => current = {
  options: { applicationServerKey: Uint8Array.from(
    atob(options.applicationServerKey.replace(/-/g, "+").replace(/_/g, "/")),
    (character) => character.charCodeAt(0)).buffer },
  toJSON: () => made,
  unsubscribe: async () => current = null,
};
"""
SHOWN = """
const done = arguments[0];
navigator.serviceWorker.ready.then((worker) => worker.getNotifications()).then((all) => done(
  all.map(({ title, body, tag, lang, data }) => ({ title, body, tag, lang, data }))));
"""


@pytest.fixture
def service(settings: Any) -> Iterator[PushService]:
    """The push service of all devices."""
    with push_service() as found:
        settings.OUTBOUND_TEST_SERVERS = (found.address,)
        yield found


def subscribes_as(person: Person, device: Device) -> Callable[[], object]:
    """Let the browser subscribe as this device. Returns the function that ends it."""
    made = json.dumps({"endpoint": device.endpoint, "keys": device.keys})
    cdp = person.browser.execute_cdp_cmd
    script = cdp("Page.addScriptToEvaluateOnNewDocument", {"source": SUBSCRIBES % made})
    return lambda: cdp("Page.removeScriptToEvaluateOnNewDocument", script)


def test_a_notification_reaches_the_screen(
    opens: Callable[..., Person],
    person: Callable[..., User],
    service: PushService,
    drain: Callable[..., int],
) -> None:
    # Not alice and bob: the browser has notifications in a file of its own that is named as a log.
    _, frank = person("emma"), person("frank")
    # The browser numbers the service workers that it has ever registered: here, the first.
    phone, reader = service.device(), opens(name="push")
    cdp = reader.browser.execute_cdp_cmd
    permission = {"origin": reader.site, "permissions": ["notifications"]}
    cdp("Browser.grantPermissions", permission)
    restore = subscribes_as(reader, phone)
    reader.signs_in("emma")
    reader.visits(PAGE)
    reader.sees("[data-push]:not([hidden])")
    reader.presses("Turn on here")
    reader.sees("[data-push-off]")
    tweet = post(frank, "@emma hello")
    drain()
    (received,) = phone.got
    cdp("ServiceWorker.enable", {})
    message = {"origin": reader.site, "registrationId": "0", "data": json.dumps(received.body)}

    def is_shown() -> bool:
        """Have it arrive once more, which shows it once."""
        cdp("ServiceWorker.deliverPushMessage", message)
        return bool(reader.browser.execute_async_script(SHOWN))

    reader.waits(is_shown)
    is_shown()
    (shown,) = reader.browser.execute_async_script(SHOWN)
    assert shown == {
        "title": "frank mentioned you",
        "body": "@emma hello",
        "tag": received.body["tag"],
        "lang": "en",
        "data": f"/@frank/{tweet.pk}",
    }

    # Another session of the same account: the browser says on its own where it is reached.
    cdp("Network.clearBrowserCookies", {})
    PushSubscription.objects.all().delete()
    reader.browser.execute_script("sessionStorage.clear()")
    reader.signs_in("emma")
    reader.waits(PushSubscription.objects.exists)
    reader.visits(PAGE)
    reader.presses("Turn off here")
    reader.sees("[data-push]:not([hidden])")
    assert not PushSubscription.objects.exists()
    assert reader.browser.execute_script("return localStorage.getItem('push')") is None
    assert reader.complaints() == []
    restore()
    cdp("ServiceWorker.disable", {})
    cdp("Browser.resetPermissions", {})
