"""One fault: the load before it, during it, and what is right again after it."""

import contextlib
import time
from dataclasses import dataclass, field

from django.db import DatabaseError, connections

from chirp.redis.client import RedisAway, client
from tools.chaos import people
from tools.chaos.faults import DidNotBite, Fault, NotHere
from tools.chaos.house import House
from tools.chaos.load import READING, WRITING, Load, Log

HEALS_WITHIN = 120.0
NEVER_SECONDS = 5.0  # what is still wrong so long after the last delivery stays wrong
SHOWN = 3
CLEAN_SECONDS = 0.5  # an answer comes within that, or fails cleanly
# One slow answer may be the machine's doing. A fault that slows Chirp does it again and again.
SLOW_LEAST, SLOW_SHARE = 3, 0.01
PAUSE = 0.2


@dataclass
class Result:
    """What a fault did."""

    fault: Fault
    before: Log = field(default_factory=Log)
    during: Log = field(default_factory=Log)
    lost: list[str] = field(default_factory=list)
    differing: list[str] = field(default_factory=list)
    heal: float | None = None  # seconds; None: not within HEALS_WITHIN
    not_here: str = ""
    did_not_bite: str = ""

    def allowed(self, *kinds: str) -> float:
        """The worst wait that is still well: half a second, and what this machine itself costs.

        That is twice the worst wait before the fault, or the longest that a client overslept.
        """
        stall = max(self.before.stall, self.during.stall)
        return CLEAN_SECONDS + max(2 * self.before.slowest(*kinds), stall)

    @property
    def complaints(self) -> list[str]:
        """Everything that is not as it should be, in words."""
        if self.not_here:
            return []
        wrong = [*self.lost[:SHOWN], *self.differing[:SHOWN], *filter(None, [self.did_not_bite])]
        strange = self.before.count("strange", "cut") + self.during.count("strange")
        if strange or self.during.count("cut") > self.fault.cuts:
            wrong += [*self.before.strange, *self.during.strange][:SHOWN]
        refused = self.during.failed(*(set(READING + WRITING) - set(self.fault.fails)))
        if refused or self.before.count("failed"):
            wrong.append(f"{refused} requests were refused that could have been served.")
        if self.heal is None:
            wrong.append("It does not heal.")
        slow = sum(self.during.slower(self.allowed(*k), *k) for k in (WRITING, READING))
        if slow >= max(SLOW_LEAST, SLOW_SHARE * self.during.requests):
            wrong.append(f"{slow} answers were too slow.")
        return wrong


def trial(house: House, load: Load, fault: Fault, *, seconds: float, before: float) -> Result:
    """Put the fault in under load, take it away, and see when everything is right again."""
    result = Result(fault)
    access = people.access()
    load.go(access)
    time.sleep(before)
    result.before = load.stop()
    load.go(access)
    ends = time.monotonic() + seconds
    try:
        with fault.inject(house, seconds):
            time.sleep(max(0.0, ends - time.monotonic()))
    except NotHere as reason:
        result.not_here = str(reason)
    except DidNotBite as reason:
        result.did_not_bite = str(reason)
    ended = time.monotonic()
    result.during = load.stop()
    connections.close_all()
    _heal(house, load, result, ended)
    result.lost = people.lost(load.written())
    return result


def _heal(house: House, load: Load, result: Result, ended: float) -> None:
    """Wait until everything is posted and delivered, and every timeline is right.

    Nobody acts now, but for posting again what was refused.
    """
    delivered: float | None = None
    while time.monotonic() < ended + HEALS_WITHIN:
        if _up_to_date(house, load):
            delivered = delivered or time.monotonic()
            result.differing = _differing()
            if not result.differing:
                result.heal = time.monotonic() - ended
                return
            if time.monotonic() > delivered + NEVER_SECONDS:
                break  # nothing is owed any more: it will stay like this
        time.sleep(PAUSE)
    with contextlib.suppress(RedisAway):
        client().flushall()  # so that the next fault is judged for itself


def _up_to_date(house: House, load: Load) -> bool:
    with contextlib.suppress(DatabaseError):
        return house.web_answers() and not load.make_up() and people.wait_delivered(PAUSE)
    connections.close_all()
    return False


def _differing() -> list[str]:
    try:
        return people.differing()
    except (DatabaseError, RedisAway) as error:
        connections.close_all()
        return [f"{type(error).__name__}: {error}"]
