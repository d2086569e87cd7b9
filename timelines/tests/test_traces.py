"""The trace of a post goes on in all work for it: batches, ranges and repeated tasks."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from celery import current_app
from django.conf import settings as configured
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from pytest_django import Settings

from accounts.models import User
from chirp.observability import spans, traces
from outbox import relaying
from outbox.models import Event
from people import services as people
from tests.helpers.timelines import Drain, Person, make_all_due, post, read
from timelines import fanout, store

pytestmark = pytest.mark.django_db(transaction=True)
OFF = """
import sys
from chirp.wsgi import application  # with its middleware
from chirp.observability import traces
from web.preloading import preload
preload()
traces.span("nothing")
# redis-py imports the SDK for its metrics, if it is installed.
ours = ("opentelemetry.sdk.trace", "opentelemetry.exporter", "google", "chirp.observability.spans")
print([name for name in sys.modules if name.startswith(ours)])
"""


@pytest.fixture
def exporter(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """Traces are on, and ended spans are kept here instead of being sent."""
    settings.OTLP_ENDPOINT = "http://collector.example"
    provider, kept = TracerProvider(), InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    monkeypatch.setattr(spans, "provider", lambda: provider)
    yield kept
    provider.shutdown()


def post_traced(author: User) -> str:
    """Post a tweet in a trace of its own, and return the id of the trace."""
    with traces.root("POST") as span:
        post(author)
        assert span is not None
        return trace(span.get_span_context().trace_id)


def trace(number: int) -> str:
    return f"{number:032x}"


def finished(exporter: InMemorySpanExporter, name: str, trace_id: str) -> list[ReadableSpan]:
    """The ended spans with this name in a trace."""
    return [
        span
        for span in exporter.get_finished_spans()
        if span.name == name and span.context and trace(span.context.trace_id) == trace_id
    ]


def test_lines_of_the_relay_name_the_trace(
    alice: User, exporter: InMemorySpanExporter, caplog: pytest.LogCaptureFixture
) -> None:
    trace_id = post_traced(alice)
    post(alice)
    with caplog.at_level("INFO", "outbox.relaying"):
        relaying.relay()
    fields = [
        getattr(record, "fields", {})
        for record in caplog.records
        if record.message == "Sent timelines.fan_out."
    ]
    assert [each.get("trace_id") for each in fields] == [trace_id, None]


def followers_of(author: User, person: Person, count: int) -> None:
    for number in range(count):
        follower = person(f"follower{number}")
        people.follow(follower=follower, followee=author)
        read(follower)


def fan_out_together() -> None:
    """Run the fan-out of all tweets that were posted, in one batch."""
    ids = Event.objects.filter(consumers__contains=["timelines.fan_out"]).values_list("pk")
    current_app.tasks["timelines.fan_out"](event_ids=[pk for (pk,) in ids])


def test_each_tweet_of_a_batch_keeps_its_trace_through_all_ranges(
    exporter: InMemorySpanExporter,
    monkeypatch: pytest.MonkeyPatch,
    alice: User,
    person: Person,
    drain: Drain,
) -> None:
    monkeypatch.setattr(fanout, "RANGE_SIZE", 1)
    followers_of(alice, person, 3)
    drain()
    exporter.clear()
    first, second = post_traced(alice), post_traced(alice)
    fan_out_together()
    drain()
    for trace_id in (first, second):
        (fan_out,) = finished(exporter, "timelines.fan_out", trace_id)
        ranges = finished(exporter, "timelines.fan_out_range", trace_id)
        assert len(ranges) == 3
        assert fan_out.context
        assert {span.parent and span.parent.span_id for span in ranges} == {fan_out.context.span_id}
    assert finished(exporter, "timelines.push", first)
    (linked,) = finished(exporter, "timelines.fan_out", second)
    assert [trace(link.context.trace_id) for link in linked.links] == [first]


def test_a_range_that_the_worker_keeps_is_in_the_trace(
    exporter: InMemorySpanExporter,
    monkeypatch: pytest.MonkeyPatch,
    alice: User,
    person: Person,
    drain: Drain,
) -> None:
    monkeypatch.setattr(fanout, "RANGE_SIZE", 2)
    followers_of(alice, person, 3)
    drain()
    trace_id = post_traced(alice)
    drain()
    ranges = finished(exporter, "timelines.fan_out_range", trace_id)
    assert len(ranges) == 2
    assert len(finished(exporter, "timelines.push", trace_id)) >= len(ranges)


def test_work_that_failed_goes_on_in_the_same_trace(
    exporter: InMemorySpanExporter,
    monkeypatch: pytest.MonkeyPatch,
    alice: User,
    bob: User,
    drain: Drain,
) -> None:
    people.follow(follower=bob, followee=alice)
    read(bob)
    drain()
    trace_id = post_traced(alice)
    with monkeypatch.context() as broken:
        broken.setattr(store, "_call", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            fan_out_together()
    make_all_due()
    drain()
    failed, repeated = finished(exporter, "timelines.fan_out", trace_id)
    assert dict(failed.attributes or {})["error.type"] == "ZeroDivisionError"
    assert "error.type" not in (repeated.attributes or {})
    assert [event for span in (failed, repeated) for event in span.events] == []


def test_a_request_that_is_not_sampled_leaves_nothing(
    exporter: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch, alice: User, drain: Drain
) -> None:
    drain()
    provider = TracerProvider(sampler=ALWAYS_OFF)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(spans, "provider", lambda: provider)
    exporter.clear()
    post_traced(alice)
    assert set(Event.objects.values_list("traceparent", flat=True)) == {None}
    drain()
    assert exporter.get_finished_spans() == ()


def test_spans_name_the_table_of_a_statement_and_no_value(
    exporter: InMemorySpanExporter, alice: User, rf: RequestFactory
) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        User.objects.get(handle="alice")
        with connection.cursor() as cursor:
            cursor.execute("SELECT 'from alice'")
        return HttpResponse()

    traces.around_requests(view, lambda _: "/route")(rf.get("/@alice?token=secret"))
    statement, other, request = exporter.get_finished_spans()
    assert (statement.name, other.name, request.name) == (
        "SELECT accounts_user",
        "SELECT",
        "GET /route",
    )
    said = "".join(span.to_json() for span in exporter.get_finished_spans())
    assert "alice" not in said
    assert "secret" not in said


def test_while_traces_are_off_nothing_of_them_is_imported() -> None:
    command = [sys.executable, "-c", OFF]
    done = subprocess.run(command, capture_output=True, text=True, cwd=configured.BASE_DIR)
    assert done.stdout == "[]\n", done.stderr
