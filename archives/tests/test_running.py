"""Imports go on where they stopped, bring everything once, and say what went wrong."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from archives import registry, running, services
from archives.events import ImportContinued
from archives.files import Archive, BadArchive
from archives.kinds import Found, Kind
from archives.models import Import, ImportedItem, Record, State
from archives.running import step, storable
from archives.work import Work
from chirp.errors import Unavailable
from media import storage
from outbox.models import Event
from outbox.services import publish
from tests.helpers.threads import Job, at_once


class Lines(Kind):
    """A kind for tests: each line of a file is something to import."""

    name, label, batch = "lines", "a text", 2
    applied: ClassVar[list[str]] = []

    def matches(self, archive: Archive) -> bool:
        """Every file is a text."""
        return True

    def read(self, archive: Archive, work: Work) -> Iterator[Found]:
        """Yield the lines; the shortest are worked off first."""
        with archive.open_text(archive.names[0]) as file:
            for line in file.read().decode().splitlines():
                if line == "unforeseen":
                    raise OverflowError
                if line == "broken":
                    raise BadArchive("A line is broken.")
                yield Found("line", line, position=len(line))

    def apply(self, work: Work, what: str, batch: Sequence[Any]) -> None:
        """Note every line once; "bad" ones cannot be imported."""
        for line in batch:
            if line == "bad":
                raise ValueError(line)
            if line == "later":
                raise Unavailable
            if not work.known("lines", [line]):
                work.note("lines", {line: len(line)})
                work.count("tweets")
                self.applied.append(line)


@pytest.fixture(autouse=True)
def _lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "KINDS", (Lines(),))
    monkeypatch.setattr(registry, "BY_NAME", {"lines": Lines()})
    monkeypatch.setattr(Lines, "applied", [])


def begin(owner: User, text: str) -> Import:
    return services.begin(owner=owner, file=SimpleUploadedFile("a.txt", text.encode()))


def test_an_import_brings_everything_in_its_order(alice: User, drain: Callable[..., int]) -> None:
    row = begin(alice, "three\none\neleven")
    drain(times=2)
    row.refresh_from_db()
    assert (row.state, row.done, row.total) == (State.DONE, 3, 3)
    assert row.results == {"tweets": 3}
    assert Lines.applied == ["one", "three", "eleven"]
    assert not Record.objects.exists()
    assert row.file == ""


def test_its_file_is_gone_when_it_has_ended(alice: User, drain: Callable[..., int]) -> None:
    path = begin(alice, "one").file
    storage.open_file(path).close()
    drain()
    with pytest.raises(FileNotFoundError):
        storage.open_file(path)


def test_the_same_archive_again_brings_nothing(alice: User, drain: Callable[..., int]) -> None:
    for _ in range(2):
        row = begin(alice, "one\ntwo")
        drain()
    row.refresh_from_db()
    assert (row.state, row.done, row.results) == (State.DONE, 2, {})
    assert ImportedItem.objects.filter(owner=alice).count() == 2


def test_what_cannot_be_imported_is_named_and_the_rest_is_there(
    alice: User, drain: Callable[..., int]
) -> None:
    row = begin(alice, "bad\none\ntwo\nbad")
    drain()
    row.refresh_from_db()
    assert (row.state, row.done, row.results) == (State.DONE, 4, {"tweets": 2, "refused": 2})
    assert (row.problems_count, len(row.problems)) == (2, 2)


def test_a_step_that_fails_for_now_is_tried_again(alice: User) -> None:
    row = begin(alice, "a\nlater")
    step(import_id=row.pk, turn=0)
    for _ in range(2):
        with pytest.raises(Unavailable):
            step(import_id=row.pk, turn=1)
    row.refresh_from_db()
    assert (row.state, row.turn, row.done) == (State.RUNNING, 1, 0)
    assert not ImportedItem.objects.exists()


def test_an_archive_that_cannot_be_read_brings_nothing(
    alice: User, drain: Callable[..., int]
) -> None:
    row = begin(alice, "one\nbroken")
    drain()
    row.refresh_from_db()
    assert (row.state, row.error) == (State.FAILED, "A line is broken.")
    assert not Record.objects.exists()
    assert begin(alice, "one").state == State.RUNNING, "the next one can begin"


def test_a_cancelled_import_keeps_what_it_has_brought(
    alice: User, drain: Callable[..., int]
) -> None:
    row = begin(alice, "a\nb\ncc\ndd")
    step(import_id=row.pk, turn=0)
    step(import_id=row.pk, turn=1)
    services.cancel(owner=alice, import_id=row.pk)
    services.cancel(owner=alice, import_id=row.pk)
    step(import_id=row.pk, turn=2)
    drain()
    row.refresh_from_db()
    assert (row.state, row.done) == (State.CANCELLED, 2)
    assert Lines.applied == ["a", "b"]
    assert not Record.objects.exists()


def test_nothing_is_imported_for_an_account_that_was_suspended(
    alice: User, drain: Callable[..., int]
) -> None:
    row = begin(alice, "one")
    User.objects.filter(pk=alice.pk).update(suspended_at="2026-01-02T00:00:00Z")
    drain()
    row.refresh_from_db()
    assert (row.state, Lines.applied) == (State.CANCELLED, [])


@pytest.mark.django_db(transaction=True)
def test_one_import_of_an_account_runs_at_a_time(alice: User, bob: User) -> None:
    jobs: list[Job] = [lambda: begin(alice, "one")] * 4
    raised = at_once([*jobs, lambda: begin(bob, "one")])
    assert [type(error) for error in raised] == [services.ImportRunning] * 3
    assert Import.objects.count() == 2
    for path in Import.objects.values_list("file", flat=True):
        storage.open_file(path).close()


@pytest.mark.django_db(transaction=True)
def test_a_step_that_two_workers_run_at_once_is_done_once(alice: User) -> None:
    row = begin(alice, "a\nb\nc")
    step(import_id=row.pk, turn=0)
    assert at_once([lambda: step(import_id=row.pk, turn=1)] * 3) == []
    row.refresh_from_db()
    assert (row.turn, row.done, sorted(Lines.applied)) == (2, 2, ["a", "b"])
    assert Event.objects.filter(topic=ImportContinued.topic, payload__turn=2).count() == 1


def test_a_message_that_is_late_changes_nothing(alice: User, drain: Callable[..., int]) -> None:
    row = begin(alice, "a\nb\nc")
    drain()
    for turn in range(4):
        publish(ImportContinued(import_id=row.pk, turn=turn))
    drain()
    assert Lines.applied == ["a", "b", "c"]


def test_what_postgres_cannot_store_is_left_out() -> None:
    data = {"a\x00": ["\ud800b", float("nan"), 1.5], "c": {"d": None}}
    assert storable(data) == {"a": ["b", None, 1.5], "c": {"d": None}}


def test_what_cannot_be_read_ends_the_import(
    alice: User, drain: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is kept from the next import by one that fails each time."""
    row = begin(alice, "one\nunforeseen")
    drain()
    row.refresh_from_db()
    assert (row.state, row.error[:26]) == (State.FAILED, "The archive could not be r")
    monkeypatch.setattr(running, "MOST_RECORD", 10)
    row = begin(alice, "one\ntwo is too long")
    drain(times=2)
    row.refresh_from_db()
    assert (row.state, row.results) == (State.DONE, {"tweets": 1, "refused": 1})
    monkeypatch.setattr(running, "MOST_CHARACTERS", 10)
    row = begin(alice, "one\nsix\nten")
    drain()
    row.refresh_from_db()
    assert (row.state, row.error) == (State.FAILED, "The archive has more text in it than fits.")
