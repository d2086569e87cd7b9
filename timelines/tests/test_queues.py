"""Tasks in the queues: none before its commit, all of them short, and no queue starves another."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty

import pytest
from celery import current_app
from django.conf import settings
from django.db import connections, transaction

from accounts.models import User
from chirp import ids
from outbox import relaying
from outbox import services as outbox
from outbox.models import Event
from outbox.services import LIVE
from people import services as people
from people.events import GraphImported
from people.models import Follow
from runner.options import Options
from runner.programs import programs
from timelines import celebrities, fanout, services, store
from timelines.events import DemotionContinued, FanOutContinued
from timelines.models import PulledAuthor
from tweets.deleting import delete_tweet
from tweets.models import Tweet
from tweets.posting import post_tweet

with_commits = pytest.mark.django_db(transaction=True)
Drain = Callable[..., int]
QUEUES = ("fanout", "backfill", "notifications", "media", "imports", "default")


def post(author: User) -> int:
    return int(post_tweet(author=author, text="hello").pk)


@pytest.fixture
def waiting() -> Callable[[], dict[str, list[str]]]:
    """A function that takes all messages from the broker: {queue: [task names]}."""

    def take() -> dict[str, list[str]]:
        with current_app.connection_for_read() as broker:
            found = {name: _taken(broker.SimpleQueue(name)) for name in QUEUES}
        return {name: tasks for name, tasks in found.items() if tasks}

    take()
    return take


def _taken(queue: object) -> list[str]:
    tasks: list[str] = []
    while True:
        try:
            message = queue.get_nowait()  # type: ignore[attr-defined]
        except Empty:
            return tasks
        tasks.append(message.headers["task"])
        message.ack()


def on_another_connection(function: Callable[[], object]) -> object:
    """Call a function on another database connection, as another process would."""

    def call_and_close() -> object:
        try:
            return function()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(call_and_close).result()


# --- 17: before and after the commit ------------------------------------------------------------


@with_commits
def test_no_task_starts_before_its_tweet_is_committed(
    alice: User, waiting: Callable[[], dict[str, list[str]]]
) -> None:
    relaying.relay()
    waiting()  # what the registration of alice has started
    with transaction.atomic():
        post(alice)
        assert on_another_connection(lambda: relaying.relay()) == 0
        assert waiting() == {}
    assert on_another_connection(lambda: relaying.relay()) == 1
    started = [task for tasks in waiting().values() for task in tasks]
    assert set(started) == set(settings.OUTBOX_ROUTES["tweet.posted"]) - {LIVE}


@with_commits
def test_a_tweet_and_its_fan_out_are_committed_together_or_not_at_all(alice: User) -> None:
    with transaction.atomic():
        post(alice)
        assert Event.objects.filter(consumers__contains=["timelines.fan_out"]).count() == 1
        transaction.set_rollback(True)
    assert not Tweet.objects.exists()
    assert not Event.objects.filter(topic="tweet.posted").exists()


@with_commits
def test_an_event_is_pending_while_its_task_is_with_the_broker(
    alice: User, waiting: Callable[[], dict[str, list[str]]]
) -> None:
    post(alice)
    relaying.relay()
    assert waiting()["fanout"] == ["timelines.fan_out"]  # taken, but not run
    assert Event.objects.filter(topic="tweet.posted").count() == 1


# --- 18: all tasks are short --------------------------------------------------------------------


def create_followers(author: User, size: int) -> None:
    fans = User.objects.bulk_create(
        User(handle=f"fan{n}", email=f"fan{n}@example.org", password="!") for n in range(size)
    )
    (since,) = ids.draw()
    Follow.objects.bulk_create(
        Follow(follower=fan, followee=author, since_id=since) for fan in fans
    )
    User.objects.filter(pk=author.pk).update(followers_count=size)


@pytest.mark.django_db
def test_a_large_audience_is_served_in_several_short_tasks(
    alice: User, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_followers(alice, 10_001)
    sizes: list[int] = []
    push, push_to_all = store.push, store.push_to_all

    def recording(ids: dict[store.Source, list[int]]) -> int:
        sizes.append(sum(source.kind == "home" for source in ids))
        return push(ids)

    def recording_all(ids: list[int], sources: list[store.Source]) -> int:
        sizes.append(len(sources))
        return push_to_all(ids, sources)

    monkeypatch.setattr(store, "push", recording)
    monkeypatch.setattr(store, "push_to_all", recording_all)
    drain()
    post(alice)
    consumers = len(set(settings.OUTBOX_ROUTES["tweet.posted"]) - {LIVE})
    assert drain() == consumers + 2, "the fan-out keeps one of three ranges"
    assert outbox.owed() == 0
    assert [size for size in sizes if size] == [3_333, 3_334, 3_334]


@pytest.mark.django_db
def test_a_demotion_of_many_followers_is_cut_into_short_tasks(alice: User, drain: Drain) -> None:
    create_followers(alice, 1_200)
    drain()
    PulledAuthor.objects.create(author=alice)
    celebrities.review(author_id=alice.pk)
    assert drain() == 3
    assert not PulledAuthor.objects.exists()


@pytest.mark.django_db
def test_a_range_that_is_delivered_twice_pushes_once(
    alice: User, bob: User, charlie: User, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fanout, "RANGE_SIZE", 1)
    for follower in (bob, charlie):
        people.follow(follower=follower, followee=alice)
        services.populate(viewer_id=follower.pk)
    drain()
    tweet_id = post(alice)
    drain(times=2)
    for follower in (bob, charlie):
        assert store.peek(store.home(follower.pk)) == (0, [tweet_id])


# --- 19: queues ---------------------------------------------------------------------------------


@with_commits
def test_fan_outs_have_a_queue_that_nothing_else_is_in(
    alice: User,
    bob: User,
    charlie: User,
    waiting: Callable[[], dict[str, list[str]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fanout, "RANGE_SIZE", 1)
    for follower in (bob, charlie):
        people.follow(follower=follower, followee=alice)
    people.unfollow(follower=bob, followee=alice)
    fanout.fan_out(tweet_ids=[post(alice)])
    with transaction.atomic():
        outbox.publish(GraphImported())
        outbox.publish(DemotionContinued(author_id=1, generation=1, after=0))
        outbox.publish(FanOutContinued(tweet_id=1, author_id=1, after=0, up_to=None))
    delete_tweet(author=alice, tweet_id=post(alice))
    relaying.relay()
    current_app.send_task("timelines.review_all")
    queues = {queue: set(tasks) for queue, tasks in waiting().items()}
    assert queues.pop("fanout") == {
        "timelines.fan_out",
        "timelines.fan_out_range",
        "timelines.retract",
    }
    assert queues.pop("backfill") == {
        "timelines.merge",
        "timelines.unmerge",
        "timelines.adopt_graph",
        "timelines.demote_range",
        "timelines.review_all",
    }
    assert queues["default"] >= {"tweets.recount_reposters", "search.index_tweets"}


def test_one_worker_does_nothing_but_fan_outs_and_all_queues_have_a_worker(tmp_path: Path) -> None:
    options = Options(host="127.0.0.1", port=8000, workers=2, demo=False, var=tmp_path)
    commands = [program.command for program in programs(options) if "--queues" in program.command]
    by_worker = [command[command.index("--queues") + 1].split(",") for command in commands]
    assert ["fanout"] in by_worker
    assert sum("fanout" in queues for queues in by_worker) == 1
    assert {queue for queues in by_worker for queue in queues} == set(QUEUES)
