"""The base classes of the admin, tested with the admin's own log."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group
from django.test import Client

from chirp import admin
from tests.helpers.admin import address, asserts_flat, browser, shown


@pytest.fixture
def superuser(alice: Any) -> Client:
    return browser(alice, superuser=True)


@pytest.fixture
def log(alice: Any) -> Callable[[int], None]:
    """Creates log entries: `log(3)`."""

    def write(count: int) -> None:
        for number in range(count):
            group = Group.objects.create(name=f"group {LogEntry.objects.count()}")
            LogEntry.objects.log_actions(alice.pk, [group], CHANGE, f"Thing {number}")

    return write


def test_the_log_can_be_read_and_searched(superuser: Client, log: Callable[[int], None]) -> None:
    log(3)
    newest, middle, oldest = LogEntry.objects.order_by("-pk").values_list("pk", flat=True)
    assert shown(superuser, LogEntry) == [newest, middle, oldest]
    assert shown(superuser, LogEntry, "?q=%22Thing+1%22") == [middle]
    page = superuser.get(address(LogEntry, "change", middle)).content.decode()
    assert "Thing 1" in page


def test_the_log_cannot_be_altered(superuser: Client, log: Callable[[int], None]) -> None:
    log(1)
    entry = LogEntry.objects.get()
    for page in ("change", "delete"):
        response = superuser.post(address(LogEntry, page, entry.pk), {"post": "yes"})
        assert response.status_code == 403
    assert superuser.get(address(LogEntry, "add")).status_code == 403
    assert LogEntry.objects.count() == 1


def test_a_list_never_counts_beyond_a_cap(
    superuser: Client, log: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    log(5)
    monkeypatch.setattr(admin, "COUNTED_AT_MOST", 3)
    monkeypatch.setattr(admin.LogEntryAdmin, "list_per_page", 2)
    response = superuser.get(address(LogEntry))
    assert response.context["cl"].result_count == 3
    assert len(shown(superuser, LogEntry, "?p=2")) == 1


def test_a_search_or_filter_looks_through_a_limited_number_of_rows(
    superuser: Client, log: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    log(3)
    newest, middle, _oldest = LogEntry.objects.order_by("-pk").values_list("pk", flat=True)
    monkeypatch.setattr(admin, "LOOKED_THROUGH", 2)
    assert shown(superuser, LogEntry, "?q=Thing") == [newest, middle]
    assert shown(superuser, LogEntry, f"?action_flag__exact={CHANGE}") == [newest, middle]
    assert len(shown(superuser, LogEntry)) == 3, "the whole list goes on to its end"
    monkeypatch.setattr(admin, "FOUND_AT_MOST", 1)
    assert shown(superuser, LogEntry, "?q=Thing") == [newest]


def test_the_log_takes_as_many_queries_for_many_entries(
    superuser: Client, log: Callable[[int], None]
) -> None:
    log(1)
    asserts_flat(superuser, LogEntry, lambda: log(9))
