"""Helpers for tests of the admin."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse


def address(model: type[Model], page: str = "changelist", *args: Any) -> str:
    """The URL of an admin page of a model."""
    opts = model._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_{page}", args=args)


def browser(person: Any, *permissions: str, superuser: bool = False) -> Client:
    """A client signed in as `person`, who becomes a staff member with these permissions."""
    person.is_staff, person.is_superuser = True, superuser
    person.save(update_fields=["is_staff", "is_superuser"])
    for permission in permissions:
        app, _, codename = permission.partition(".")
        granted = Permission.objects.get(content_type__app_label=app, codename=codename)
        person.user_permissions.add(granted)
    client = Client()
    client.force_login(person)
    return client


def act(client: Client, action: str, rows: Iterable[Model], **more: str) -> list[str]:
    """Run an action on rows of one model, and return the messages that the response shows.

    If a question comes first, it is answered with yes.
    """
    selected = list(rows)
    data = {"action": action, "_selected_action": [row.pk for row in selected], **more}
    response = confirmed(client, address(type(selected[0])), data)
    assert response.status_code == 200
    return [str(message) for message in response.context["messages"]]


def answer_to(question: Any, **more: Any) -> dict[str, list[Any]]:
    """What the form of a question (a response) sends: yes, and all that was sent before."""
    data: dict[str, list[Any]] = {name: [value] for name, value in more.items()}
    for name, value in question.context["sent"]:
        data.setdefault(name, []).append(value)
    return data


def asks(response: Any) -> bool:
    """Whether a response is the page of a question."""
    return "admin/confirm.html" in {template.name for template in response.templates}


def confirmed(client: Client, path: str, data: dict[str, Any], **again: Any) -> Any:
    """Send a form, and answer the question that may come first. `again` is typed once more."""
    response = client.post(path, data, follow=True)
    if not asks(response):
        return response
    return client.post(path, answer_to(response, **again), follow=True)


def shown(client: Client, model: type[Model], query: str = "") -> list[Any]:
    """The ids of the rows that a changelist shows."""
    response = client.get(f"{address(model)}{query}")
    assert response.status_code == 200, response
    return [row.pk for row in response.context["cl"].result_list]


def logged() -> list[tuple[int, str, str]]:
    """The entries of the admin log, oldest first: (user id, object id, change message)."""
    entries = LogEntry.objects.order_by("pk")
    return [(entry.user_id, entry.object_id or "", entry.get_change_message()) for entry in entries]


def queries_of(client: Client, model: type[Model]) -> list[str]:
    """The SQL queries of a changelist, with warm in-process caches."""
    client.get(address(model))  # fills the caches
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address(model)).status_code == 200
    return [query["sql"] for query in captured.captured_queries]


def asserts_flat(client: Client, model: type[Model], grow: Callable[[], object]) -> None:
    """Assert that a changelist takes as many queries for many rows, and counts no whole table.

    `grow` adds rows.
    """
    few = queries_of(client, model)
    grow()
    many = queries_of(client, model)
    assert len(few) == len(many), "\n".join(many)
    counts = [query for query in many if "COUNT(*)" in query]
    assert len(counts) == 1
    assert "LIMIT" in counts[0]
