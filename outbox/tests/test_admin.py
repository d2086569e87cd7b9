"""The outbox in the admin: finding, inspecting and retrying stuck events."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.test import Client

from chirp import admin
from outbox import relaying, services
from outbox.models import Event
from outbox.relaying import Delivery
from outbox.tests.conftest import Publish
from tests.helpers.admin import act, address, asserts_flat, browser, logged, shown


@pytest.fixture
def operator_client(alice: Any) -> Client:
    """A client signed in as an operator who may retry events."""
    return browser(alice, "outbox.change_event")


def event(number: int) -> Event:
    """The event at this position, oldest first."""
    return Event.objects.order_by("id")[number]


def test_the_oldest_event_comes_first(operator_client: Client, happen: Publish) -> None:
    happen(3)
    assert shown(operator_client, Event) == [event(0).pk, event(1).pk, event(2).pk]


def test_filters_and_search_find_stuck_and_failed_events(
    operator_client: Client, happen: Publish
) -> None:
    happen(3)
    Event.objects.filter(pk=event(1).pk).update(attempts=2)
    services.record_failure(event(2).pk, error="ValueError: the moon was full")
    stuck, failed = event(1).pk, event(2).pk
    assert shown(operator_client, Event, "?stuck=1") == [stuck]
    assert shown(operator_client, Event, "?failed=1") == [failed]
    assert shown(operator_client, Event, "?q=moon") == [failed]
    assert shown(operator_client, Event, f"?q={stuck}") == [stuck]
    Event.objects.filter(pk=stuck).update(request_id="the-request")
    assert shown(operator_client, Event, "?q=the-request") == [stuck]


def test_a_search_looks_through_the_oldest_events_but_finds_any_id(
    operator_client: Client, happen: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    happen(3)
    monkeypatch.setattr(admin, "LOOKED_THROUGH", 2)
    topic = event(0).topic
    assert shown(operator_client, Event, f"?q={topic}") == [event(0).pk, event(1).pk]
    assert shown(operator_client, Event, f"?q={event(2).pk}") == [event(2).pk]


@pytest.mark.parametrize(("age", "minutes"), [("1m", 1), ("10m", 10), ("1h", 60)])
def test_the_age_filter_finds_old_events(
    operator_client: Client, happen: Publish, age: str, minutes: int
) -> None:
    happen(2)
    old = event(0).pk
    Event.objects.filter(pk=old).update(
        created_at=F("created_at") - timedelta(minutes=minutes, seconds=1)
    )
    assert shown(operator_client, Event, f"?age={age}") == [old]


def test_the_topic_filter(operator_client: Client, happen: Publish) -> None:
    happen(1)
    happen(1, topic="both.happened")
    assert shown(operator_client, Event, "?topic=it.happened") == [event(0).pk]
    assert shown(operator_client, Event, "?topic=junk") == []


def test_retrying_makes_events_due_and_is_logged(
    operator_client: Client, alice: Any, happen: Publish
) -> None:
    happen(3)
    relaying.relay(to=lambda event: None)
    assert act(operator_client, "retry_now", [event(0), event(2)]) == ["Due now: 2."]
    sent: list[Delivery] = []
    relaying.relay(to=sent.extend)
    assert [delivery.payload["number"] for delivery in sent] == [0, 2]
    assert logged() == [
        (alice.pk, str(event(0).pk), "Retried"),
        (alice.pk, str(event(2).pk), "Retried"),
    ]


def test_the_event_page_has_the_error_and_the_consumers(
    operator_client: Client, happen: Publish
) -> None:
    happen(1)
    services.record_failure(event(0).pk, error="ValueError: <b>no</b>")
    page = operator_client.get(address(Event, "change", event(0).pk)).content.decode()
    assert "ValueError: &lt;b&gt;no&lt;/b&gt;" in page
    assert "outbox.tests.note" in page


def test_events_can_be_neither_added_nor_changed_nor_deleted(
    operator_client: Client, happen: Publish
) -> None:
    happen(1)
    pk = event(0).pk
    for path in (
        address(Event, "add"),
        address(Event, "change", pk),
        address(Event, "delete", pk),
    ):
        assert operator_client.post(path, {"topic": "x", "post": "yes"}).status_code == 403
    act(operator_client, "delete_selected", [event(0)], post="yes")
    assert event(0).topic == "it.happened"


def test_the_view_permission_does_not_allow_retries(bob: Any, happen: Publish) -> None:
    happen(1)
    relaying.relay(to=lambda event: None)
    act(browser(bob, "outbox.view_event"), "retry_now", [event(0)])
    assert relaying.relay(to=lambda event: None) == 0


def test_the_list_makes_a_constant_number_of_queries(
    operator_client: Client, happen: Publish
) -> None:
    happen(1)
    asserts_flat(operator_client, Event, lambda: happen(9))
