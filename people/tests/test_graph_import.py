"""`manage.py import_graph`: all or nothing, idempotent, and with exact counts."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError
from django.utils import timezone

from accounts import services
from accounts.models import User
from conftest import PASSWORD
from outbox.models import Event
from people import counters, graph_import
from people import services as people
from people.models import Follow
from people.profile import update_profile

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(tmp_path: Path) -> "Run":
    return Run(tmp_path / "some.edges")


class Run:
    """Runs the command on a file with these lines: `run("1 2", "2 3")`."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.output = self.warnings = ""

    def __call__(self, *lines: str | bytes, **options: object) -> None:
        encoded = [line if isinstance(line, bytes) else line.encode() for line in lines]
        self.file.write_bytes(b"".join(line + b"\n" for line in encoded))
        output, warnings = StringIO(), StringIO()
        call_command("import_graph", self.file, stdout=output, stderr=warnings, **options)
        self.output, self.warnings = output.getvalue(), warnings.getvalue()


def follows() -> set[tuple[str, str]]:
    """All accepted follows, as (follower, followee) handles."""
    accepted = Follow.objects.exclude(since_id=None)
    return set(accepted.values_list("follower__handle", "followee__handle"))


# --- Reading ------------------------------------------------------------------------------------


def test_an_edge_is_two_follows_unless_it_is_directed(run: Run) -> None:
    run("1 2", "2 3")
    assert follows() == {("u1", "u2"), ("u2", "u1"), ("u2", "u3"), ("u3", "u2")}


def test_a_directed_edge_is_one_follow(run: Run) -> None:
    run("1 2", "2 1", "2 3", directed=True, handles="p_")
    assert follows() == {("p_1", "p_2"), ("p_2", "p_1"), ("p_2", "p_3")}


def test_comments_and_blank_lines_are_skipped(run: Run) -> None:
    run("# a graph", "% from somewhere", "", "   ", "  # more", "1\t2\r", " 2  3 ")
    assert len(follows()) == 4


def test_duplicates_and_loops_are_skipped_and_reported(run: Run) -> None:
    run("1 2", "2 1", "3 3", "1 2", "2 3")
    assert len(follows()) == 4
    assert "Skipped 2 duplicate edges (line 2, 4)." in run.warnings
    assert "Skipped 1 self-loops (line 3)." in run.warnings


def test_only_the_first_skipped_lines_are_listed(run: Run) -> None:
    run(*(["1 2"] * 10))
    assert "Skipped 9 duplicate edges (line 2, 3, 4, 5, 6, ...)." in run.warnings


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("1", "expected two names, found 1"),
        ("1 2 3", "expected two names, found 3"),
        ("1,2", "expected two names, found 1"),
        ("1 a-b", "'ua-b' is not a valid handle"),
        (b"1 \xff\xfe", "is not a valid handle"),
        (b"1 \x00", "is not a valid handle"),
        ("1 ٣", "is not a valid handle"),
        (f"1 {'x' * 30}", "is not a valid handle"),
        (f"1 {'x' * 100_000}", "is not a valid handle"),
    ],
)
def test_an_invalid_line_is_reported_and_nothing_is_loaded(
    run: Run, line: str | bytes, problem: str
) -> None:
    with pytest.raises(CommandError) as raised:
        run("# good", "1 2", "2 3", line, "3 4")
    assert f"{run.file}, line 4: " in str(raised.value)
    assert problem in str(raised.value)
    assert len(str(raised.value)) < 500
    assert not User.objects.exists()


def test_reserved_handles_are_refused(run: Run) -> None:
    with pytest.raises(CommandError, match="line 1: 'admin' is not a valid handle"):
        run("admin 2", handles="")


def test_names_that_differ_in_case_are_one_account(run: Run) -> None:
    run("Ann bob", "ann Carl", "BOB ANN", handles="")
    assert set(User.objects.values_list("handle", flat=True)) == {"Ann", "bob", "Carl"}
    assert "duplicate" in run.warnings


def test_a_file_that_cannot_be_read_is_reported(tmp_path: Path) -> None:
    for file in (tmp_path / "missing", tmp_path):
        with pytest.raises(CommandError, match="cannot be read"):
            call_command("import_graph", file)


@pytest.mark.parametrize("prefix", ["a b", "é", "x" * 30, "-"])
def test_an_invalid_prefix_is_refused(run: Run, prefix: str) -> None:
    with pytest.raises(CommandError, match="not a valid beginning of a handle"):
        call_command("import_graph", run.file, "--handles", prefix)


def test_an_empty_file_is_an_empty_graph(run: Run) -> None:
    run()
    assert "0 accounts, 0 of them new; 0 new follows" in run.output
    assert not Event.objects.exists()


# --- Loading ------------------------------------------------------------------------------------


def test_counts_are_right(run: Run) -> None:
    run("1 2", "2 3", "3 1", "3 4")
    assert counters.check() == []
    third = User.objects.get(handle="u3")
    assert (third.followers_count, third.following_count) == (3, 3)
    assert "4 accounts, 4 of them new; 8 new follows" in run.output


def test_importing_twice_changes_nothing(run: Run) -> None:
    run("1 2", "2 3")
    before = list(Follow.objects.order_by("id").values())
    Event.objects.all().delete()
    run("1 2", "2 3")
    assert list(Follow.objects.order_by("id").values()) == before
    assert User.objects.count() == 3
    assert counters.check() == []
    assert not Event.objects.exists()
    assert "3 accounts, 0 of them new; 0 new follows, 0 new follow requests" in run.output


def test_existing_accounts_are_reused(run: Run, alice: User, bob: User) -> None:
    people.follow(follower=alice, followee=bob)
    run("ALICE bob", "alice 7", handles="")
    assert follows() == {("alice", "bob"), ("bob", "alice"), ("alice", "7"), ("7", "alice")}
    assert counters.check() == []
    assert "1 follows that already exist" in run.output


def test_it_publishes_one_event(run: Run) -> None:
    run("1 2", "2 3", "3 4")
    assert set(Event.objects.values_list("topic", flat=True)) == {"graph.imported"}
    assert [event.payload for event in Event.objects.all()] == [{}]


def test_follows_get_distinct_ids(run: Run) -> None:
    run("1 2", "2 3")
    since = list(Follow.objects.values_list("since_id", flat=True))
    assert None not in since
    assert len(set(since)) == 4


def test_new_accounts_have_no_usable_password(run: Run) -> None:
    run("1 2")
    assert not any(user.has_usable_password() for user in User.objects.all())


def test_a_follow_of_a_private_account_becomes_a_request(run: Run, alice: User) -> None:
    update_profile(user=alice, changes={"private": True})
    run("alice 7", handles="")
    assert follows() == {("alice", "7")}
    assert Follow.objects.get(followee=alice).since_id is None
    assert counters.check() == []


def test_blocks_and_deactivated_accounts_prevent_follows(
    run: Run, alice: User, bob: User, charlie: User
) -> None:
    people.block(blocker=alice, blocked=bob)
    services.deactivate(user=charlie, password=PASSWORD, now=timezone.now())
    run("alice bob", "bob charlie", handles="")
    assert follows() == set()
    assert counters.check() == []
    assert "4 follows that already exist or are not allowed" in run.output


def test_a_failed_import_leaves_nothing(run: Run, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(email=f"u2@{graph_import.EMAIL_DOMAIN}")
    with pytest.raises(CommandError, match="Another account has the e-mail address of u2"):
        run("1 2", "2 3")
    assert User.objects.get() == alice
    assert not Follow.objects.exists()


def test_a_failure_in_the_last_batch_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph_import, "BATCH", 2)
    graph = graph_import.read([b"%d %d" % (number, number + 1) for number in range(20)])

    def fail_at_the_end(count: int, calls: list[int] = []) -> None:  # noqa: B006 - keeps its state
        calls.append(count)
        if len(calls) == 10:
            raise IntegrityError

    with pytest.raises(IntegrityError):
        graph_import.load(graph=graph, progress=fail_at_the_end)
    assert not User.objects.exists()


def test_a_graph_of_many_batches_is_loaded_completely(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph_import, "BATCH", 7)
    progress: list[int] = []
    graph = graph_import.read([b"%d %d" % (number, number + 1) for number in range(20)])
    loaded = graph_import.load(graph=graph, progress=progress.append)
    assert loaded == graph_import.LoadResult(accounts=21, follows=40, requests=0, skipped=0)
    assert sum(progress) == 40
    assert counters.check() == []
