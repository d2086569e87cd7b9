"""The trial of one fault: the load before it, during it, and the recovery after it."""

import contextlib
import time
from dataclasses import dataclass, field

from django.db import DatabaseError, connections

from chirp.redis.client import RedisAway, client
from tools.chaos import people
from tools.chaos.deployment import Deployment
from tools.chaos.faults import Fault, NoEffect, NotPossible
from tools.chaos.load import READING, WRITING, Load, Log

HEAL_TIMEOUT_SECONDS = 120.0
SETTLE_SECONDS = 5.0  # a timeline still wrong so long after the last delivery stays wrong
MAX_LISTED = 3
CLEAN_SECONDS = 0.5  # a response, or a 503, has to arrive within that
# The machine may cause one slow response. A fault that slows Chirp down causes many.
MIN_SLOW, SLOW_SHARE = 3, 0.01
PAUSE = 0.2


@dataclass
class Result:
    """What was measured before, during and after a fault."""

    fault: Fault
    before: Log = field(default_factory=Log)
    during: Log = field(default_factory=Log)
    lost: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)  # lost as well, as the fault loses posts
    differing: list[str] = field(default_factory=list)
    heal: float | None = None  # seconds; None: not within HEAL_TIMEOUT_SECONDS
    not_possible: str = ""
    no_effect: str = ""

    def allowed(self, *kinds: str) -> float:
        """The longest acceptable response to these kinds, in seconds.

        That is half a second, plus what the machine itself may add: twice the slowest response
        before the fault, or the longest time by which a client overslept.
        """
        stall = max(self.before.stall, self.during.stall)
        return CLEAN_SECONDS + self.fault.late + max(2 * self.before.slowest(*kinds), stall)

    @property
    def problems(self) -> list[str]:
        """A description of each problem; empty if the trial passed."""
        if self.not_possible:
            return []
        wrong = [
            *self.lost[:MAX_LISTED],
            *self.differing[:MAX_LISTED],
            *filter(None, [self.no_effect]),
        ]
        strange = self.before.count("strange", "cut") + self.during.count("strange")
        if strange or self.during.count("cut") > self.fault.cuts:
            wrong += [*self.before.strange, *self.during.strange][:MAX_LISTED]
        refused = self.during.failed(*(set(READING + WRITING) - set(self.fault.fails)))
        if refused or self.before.count("failed"):
            wrong.append(f"{refused} requests were refused that could have been served.")
        if self.heal is None:
            wrong.append("It does not heal.")
        slow = sum(self.during.slower(self.allowed(*k), *k) for k in (WRITING, READING))
        if slow >= max(MIN_SLOW, SLOW_SHARE * self.during.requests):
            wrong.append(f"{slow} answers were too slow.")
        return wrong


def trial(
    deployment: Deployment, load: Load, fault: Fault, *, seconds: float, before: float
) -> Result:
    """Inject the fault under load, end it, and wait until all is delivered and correct."""
    result = Result(fault)
    access = people.access_tokens()
    load.start(access)
    time.sleep(before)
    result.before = load.stop()
    load.start(access)
    ends = time.monotonic() + seconds
    try:
        with fault.inject(deployment, seconds):
            time.sleep(max(0.0, ends - time.monotonic()))
    except NotPossible as reason:
        result.not_possible = str(reason)
    except NoEffect as reason:
        result.no_effect = str(reason)
    ended = time.monotonic()
    result.during = load.stop()
    connections.close_all()
    _wait_until_healed(deployment, load, result, ended)
    missing, others = people.lost_posts(load.posts())
    result.lost, result.expected = (others, missing) if fault.loses else (missing + others, [])
    return result


def _wait_until_healed(deployment: Deployment, load: Load, result: Result, ended: float) -> None:
    """Wait until everything is posted and delivered, and every timeline is right.

    Meanwhile the clients only send refused posts again.
    """
    delivered: float | None = None
    while time.monotonic() < ended + HEAL_TIMEOUT_SECONDS:
        if _is_delivered(deployment, load):
            delivered = delivered or time.monotonic()
            result.differing = _wrong_timelines()
            if not result.differing:
                result.heal = time.monotonic() - ended
                return
            if time.monotonic() > delivered + SETTLE_SECONDS:
                break  # the outbox is empty: nothing will change any more
        time.sleep(PAUSE)
    with contextlib.suppress(RedisAway):
        client().flushall()  # so that the next trial starts without these errors


def _is_delivered(deployment: Deployment, load: Load) -> bool:
    with contextlib.suppress(DatabaseError):
        return (
            deployment.web_answers() and not load.retry_pending() and people.wait_delivered(PAUSE)
        )
    connections.close_all()
    return False


def _wrong_timelines() -> list[str]:
    try:
        return people.wrong_timelines()
    except (DatabaseError, RedisAway) as error:
        connections.close_all()
        return [f"{type(error).__name__}: {error}"]
