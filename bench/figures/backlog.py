"""A backlog: posts that wait while nothing is relayed, then all at once."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.db import transaction

from bench import engine, world
from bench.context import Bench, Workers
from bench.delivery import seconds_of, until_delivered
from bench.report import Group, Row
from bench.rounds import interleave, number, ratio
from bench.world import Draft
from chirp import ids
from outbox.events import DomainEvent
from outbox.services import publish
from tweets.events import TweetPosted

AUTHORS = 20
LENGTH = 800


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedAlone(DomainEvent):
    """A post that is fanned out by a task of its own."""

    topic = "bench.posted"
    tweet_id: int


def measure(bench: Bench) -> Group:
    """Ours, and the same with one task for each tweet."""
    engine.filler().flushdb()
    group = Group("A backlog")
    scale = bench.scale
    authors, followers = world.people(AUTHORS), world.people(scale.backlog_followers)
    world.follow((follower, author) for author in authors for follower in followers)
    engine.warm(followers[0], ids.draw(LENGTH))
    engine.copy(followers[0], followers[1:])
    with bench.workers() as workers:
        turn = partial(_drained, workers, authors, scale.backlog)
        candidates: dict[str, Callable[[], float]] = {
            "ours": partial(turn, TweetPosted, followers[-1]),
            "alone": partial(turn, PostedAlone, followers[-1]),
        }
        found = interleave(candidates, rounds=max(1, scale.rounds - 3))
    times = ratio(found["alone"], found["ours"])
    deliveries = scale.backlog * scale.backlog_followers
    shown = {
        name: f"{sample.shown(' s')}, {number(deliveries / sample.median)} deliveries/s"
        for name, sample in found.items()
    }
    group.rows.append(
        Row(
            f"A backlog of {scale.backlog:,} posts by {AUTHORS} people with the same "
            f"{scale.backlog_followers} followers, 2 processes",
            shown["ours"],
            f"the same script, one task a tweet, no coalescing: {shown['alone']}",
            f"{times:.2f}×",
            "≥ 3×",
            times >= 3,
        )
    )
    group.notes.append("From the moment at which the relay goes on until the outbox is empty.")
    return group


def _drained(
    workers: Workers,
    authors: list[int],
    posts: int,
    event: type[TweetPosted | PostedAlone],
    reader: int,
) -> float:
    """Write posts and events while the relay stands still; seconds until all are delivered."""
    dice = random.Random(posts)
    drafts = [Draft(dice.choice(authors), world.sentence(dice)) for _ in range(posts)]
    with workers.held():
        world.write(drafts)
        for draft in drafts:
            with transaction.atomic():
                publish(event(tweet_id=draft.id))
    took = seconds_of(until_delivered)
    newest = sorted((draft.id for draft in drafts), reverse=True)[: LENGTH * 15 // 16]
    assert engine.newest(reader, len(newest)) == newest
    return took
