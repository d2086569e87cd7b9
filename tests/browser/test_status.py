"""The status page in a real browser: light and dark, wide and narrow, with and without scripts."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from accounts.models import User
from operations import heartbeat, status
from operations.models import Heartbeat
from operations.status import status_cache
from tests.browser.person import Person
from tests.helpers.faults import embedded_servers, without
from web.views import status as status_page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _all_is_well(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Record heartbeats of all processes, and lengthen the timeouts: the machine may be busy."""
    monkeypatch.setattr(status, "TIMEOUT", 5.0)
    monkeypatch.setattr(status_page, "PATIENCE", 5.0)
    for part in ("web", "relay", "scheduler", "stream"):
        heartbeat.record(part, "one")
    for worker in ("fanout@one", "background@one"):
        heartbeat.record("worker", worker)
    # These heartbeats are not repeated, so they are dated in the future.
    Heartbeat.objects.update(seen_at=Now() + timedelta(minutes=5))
    status_cache.clear()
    yield
    status_cache.clear()


def status_text(person: Person) -> str:
    """The text of the status page, after a new check."""
    status_cache.clear()
    person.visits("/status")
    return person.text


@pytest.mark.parametrize("scripts", [True, False])
def test_it_shows_the_status_of_each_component(opens: Callable[..., Person], scripts: bool) -> None:
    person = opens(scripts=scripts)
    person.visits("/explore")
    person.presses("Status", within=".foot")
    person.waits(lambda: person.path == "/status")
    assert "All is well" in status_text(person)
    rows = {row.text.split("\n")[0]: row.text.split("\n")[-1] for row in person.all(".status-row")}
    assert rows["Database"] == "Up"
    assert rows["Posts"] == "On time"
    assert rows["Live updates"] == "Up"
    assert len(rows) == 10

    Heartbeat.objects.filter(part="relay").update(seen_at=Now() - timedelta(seconds=20))
    assert "Something is wrong" in status_text(person)
    away = person.one(".status-row.is-away")
    assert away.text == "Relay\nNew posts wait meanwhile. None is lost.\nAway"
    assert person.complaints() == []


def test_it_refreshes_itself(opens: Callable[..., Person]) -> None:
    person = opens()
    assert "All is well" in status_text(person)
    person.browser.execute_script("window.same = true")
    Heartbeat.objects.filter(part="relay").update(seen_at=Now() - timedelta(seconds=20))
    status_cache.clear()
    person.browser.execute_script("htmx.ajax('GET', '/status', {source: '#status'})")
    person.waits(lambda: "Something is wrong" in person.text)
    assert person.browser.execute_script("return window.same") is True
    assert len(person.all("#status")) == 1
    assert person.complaints() == []


def test_without_the_database_it_works_and_error_pages_link_to_it(
    opens: Callable[..., Person], alice: User
) -> None:
    person = opens()
    person.signs_in("alice")
    with without(embedded_servers().postgres):
        person.visits("/explore")
        person.presses("How Chirp is right now")
        person.waits(lambda: person.path == "/status")
        assert "Something is wrong" in status_text(person)
        assert "Nothing can be read or posted until it is back." in person.text
        assert person.all(".nav") == []
    assert "@alice" in status_text(person)
    person.complaints()  # discards the expected message about the 503 above


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_no_element_is_wider_than_the_screen_and_contrast_is_sufficient(
    opens: Callable[..., Person], width: int, scheme: str
) -> None:
    person = opens()
    metrics = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 600}
    person.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    person.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    Heartbeat.objects.filter(part="relay").update(seen_at=Now() - timedelta(seconds=20))
    status_text(person)
    wide = person.browser.execute_script("return document.documentElement.scrollWidth")
    assert wide <= width
    for selector in (".is-up .status-word", ".is-away .status-word", ".status-row p", "h2"):
        assert contrast(person, selector) >= 4.5, selector
    person.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


CONTRAST = """
const channel = (value) => {
  const part = value / 255;
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
};
const light = ([red, green, blue]) =>
  0.2126 * channel(red) + 0.7152 * channel(green) + 0.0722 * channel(blue);
const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
const element = document.querySelector(arguments[0]);
let ground = element;
while (numbers(getComputedStyle(ground).backgroundColor)[3] === 0) ground = ground.parentElement;
const [one, other] = [
  light(numbers(getComputedStyle(element).color)),
  light(numbers(getComputedStyle(ground).backgroundColor)),
];
return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
"""


def contrast(person: Person, selector: str) -> float:
    """The WCAG contrast ratio of an element's text and its background."""
    found: float = person.browser.execute_script(CONTRAST, selector)
    return found
