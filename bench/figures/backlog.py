"""A backlog: posts that wait while the relay is suspended, and are then delivered together."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.db import transaction

from bench import engine, world
from bench.context import Bench, Workers
from bench.delivery import seconds_of, until_finished
from bench.report import Group, Row
from bench.rounds import interleave, number, ratio
from bench.world import Draft
from chirp import ids
from outbox.events import DomainEvent
from outbox.services import publish
from tweets.events import NotificationDue, TweetPosted

AUTHORS = 20
LENGTH = 800


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedAlone(DomainEvent):
    """A post that is fanned out by a separate task."""

    topic = "bench.posted"
    tweet_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedToTimelines(DomainEvent):
    """A post that is fanned out as usual, without the other work for a post."""

    topic = "bench.posted_to_timelines"
    together = ()
    tweet_id: int


def measure(bench: Bench) -> Group:
    """Compare Chirp, and its fan-out alone, with one task per tweet."""
    engine.filler().flushdb()
    group = Group("A backlog")
    scale = bench.scale
    authors, followers = (
        world.create_accounts(AUTHORS),
        world.create_accounts(scale.backlog_followers),
    )
    world.follow((follower, author) for author in authors for follower in followers)
    engine.warm(followers[0], ids.draw(LENGTH))
    engine.copy(followers[0], followers[1:])
    with bench.workers() as workers:
        turn = partial(_drained, workers, authors, scale.backlog)
        candidates: dict[str, Callable[[], float]] = {
            "chirp": partial(turn, (TweetPosted, NotificationDue), followers[-1]),
            "timelines": partial(turn, (PostedToTimelines,), followers[-1]),
            "alone": partial(turn, (PostedAlone,), followers[-1]),
        }
        # Before that, each worker process reads its model of languages, once.
        interleave(candidates, rounds=1)
        found = interleave(candidates, rounds=scale.rounds)
    deliveries = scale.backlog * scale.backlog_followers
    shown = {
        name: f"{sample.summary(' s')}, {number(deliveries / sample.median)} deliveries/s"
        for name, sample in found.items()
    }
    backlog = f"A backlog of {scale.backlog:,} posts"
    for name, title in (
        (
            "chirp",
            f"{backlog} by {AUTHORS} people with the same {scale.backlog_followers} followers, "
            "2 processes",
        ),
        ("timelines", f"{backlog}, only their fan-out"),
    ):
        times = ratio(found["alone"], found[name])
        group.rows.append(
            Row(
                title,
                shown[name],
                f"the same script, one task a tweet, no coalescing: {shown['alone']}",
                f"{times:.2f}×",
                "≥ 3×",
                times >= 3,
            )
        )
    group.notes.append(
        "From resuming the relay until the outbox is empty, after one round that is not counted. "
        "The posts of the first row also get their search documents meanwhile, and each has the "
        "task for notifications; those of the second row and of the naive tasks have neither."
    )
    return group


def _drained(
    workers: Workers,
    authors: list[int],
    posts: int,
    events: tuple[type[NotificationDue | TweetPosted | PostedToTimelines | PostedAlone], ...],
    reader: int,
) -> float:
    """Insert posts and events while the relay is suspended.

    Returns the seconds from resuming it until all are delivered.
    """
    rng = random.Random(posts)
    drafts = [Draft(rng.choice(authors), world.sentence(rng)) for _ in range(posts)]
    with workers.suspended_relay():
        world.insert_tweets(drafts)
        for draft in drafts:
            with transaction.atomic():
                for event in events:
                    publish(event(tweet_id=draft.id))
    took = seconds_of(until_finished)
    newest = sorted((draft.id for draft in drafts), reverse=True)[: LENGTH * 15 // 16]
    assert engine.newest(reader, len(newest)) == newest
    return took
