"""The outbox in the admin: what is stuck can be found, understood and tried again."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.test import Client

from outbox import services
from outbox.models import Event
from outbox.services import Delivery
from outbox.tests.conftest import Publish
from tests.helpers.admin import act, address, asserts_flat, browser, logged, shown


@pytest.fixture
def desk(alice: Any) -> Client:
    """Where an operator sits who may retry."""
    return browser(alice, "outbox.change_event")


def event(number: int) -> Event:
    return Event.objects.order_by("id")[number]


def test_the_oldest_event_comes_first(desk: Client, happen: Publish) -> None:
    happen(3)
    assert shown(desk, Event) == [event(0).pk, event(1).pk, event(2).pk]


def test_it_finds_what_is_stuck(desk: Client, happen: Publish) -> None:
    happen(3)
    Event.objects.filter(pk=event(1).pk).update(attempts=2)
    services.failed(event(2).pk, error="ValueError: the moon was full")
    stuck, failed = event(1).pk, event(2).pk
    assert shown(desk, Event, "?stuck=1") == [stuck]
    assert shown(desk, Event, "?failed=1") == [failed]
    assert shown(desk, Event, "?q=moon") == [failed]
    assert shown(desk, Event, f"?q={stuck}") == [stuck]
    Event.objects.filter(pk=stuck).update(request_id="the-request")
    assert shown(desk, Event, "?q=the-request") == [stuck]


@pytest.mark.parametrize(("age", "minutes"), [("1m", 1), ("10m", 10), ("1h", 60)])
def test_it_finds_what_is_old(desk: Client, happen: Publish, age: str, minutes: int) -> None:
    happen(2)
    old = event(0).pk
    Event.objects.filter(pk=old).update(
        created_at=F("created_at") - timedelta(minutes=minutes, seconds=1)
    )
    assert shown(desk, Event, f"?age={age}") == [old]


def test_it_filters_by_topic(desk: Client, happen: Publish) -> None:
    happen(1)
    happen(1, topic="both.happened")
    assert shown(desk, Event, "?topic=it.happened") == [event(0).pk]
    assert shown(desk, Event, "?topic=junk") == []


def test_retrying_makes_events_due_and_is_logged(desk: Client, alice: Any, happen: Publish) -> None:
    happen(3)
    services.relay(to=lambda event: None)
    assert act(desk, "retry_now", [event(0), event(2)]) == ["Due at once: 2."]
    sent: list[Delivery] = []
    services.relay(to=sent.extend)
    assert [one.payload["number"] for one in sent] == [0, 2]
    assert logged() == [
        (alice.pk, str(event(0).pk), "Retried"),
        (alice.pk, str(event(2).pk), "Retried"),
    ]


def test_an_event_says_everything(desk: Client, happen: Publish) -> None:
    happen(1)
    services.failed(event(0).pk, error="ValueError: <b>no</b>")
    page = desk.get(address(Event, "change", event(0).pk)).content.decode()
    assert "ValueError: &lt;b&gt;no&lt;/b&gt;" in page
    assert "outbox.tests.note" in page


def test_events_are_neither_made_nor_changed_nor_removed(desk: Client, happen: Publish) -> None:
    happen(1)
    pk = event(0).pk
    for path in (
        address(Event, "add"),
        address(Event, "change", pk),
        address(Event, "delete", pk),
    ):
        assert desk.post(path, {"topic": "x", "post": "yes"}).status_code == 403
    act(desk, "delete_selected", [event(0)], post="yes")
    assert event(0).topic == "it.happened"


def test_who_may_only_look_retries_nothing(bob: Any, happen: Publish) -> None:
    happen(1)
    services.relay(to=lambda event: None)
    act(browser(bob, "outbox.view_event"), "retry_now", [event(0)])
    assert services.relay(to=lambda event: None) == 0


def test_the_list_takes_as_many_queries_for_many_events(desk: Client, happen: Publish) -> None:
    happen(1)
    asserts_flat(desk, Event, lambda: happen(9))
