"""A growing delay between guesses of one password, counted in Redis.

A guess counts against a *budget*: a name that the caller chooses. The first FREE guesses are not
delayed. Then one further guess is allowed after FIRST_DELAY seconds, the next after twice as long,
and so on, up to MAX_DELAY seconds. A budget that nobody uses for FORGET seconds is full again.

Guesses are counted before the password is checked, so that concurrent ones count too. While Redis
is unavailable nothing is delayed, as with all limits.
"""

import hashlib
from contextlib import suppress

from chirp.limits.quotas import TooManyRequests
from chirp.redis.client import RedisAway, guarded, node_of
from chirp.texts import text as _

FREE = 5
FIRST_DELAY = 1
MAX_DELAY = 900
FORGET = 3600

# KEYS: the count of guesses, and a key that exists until the next guess is allowed.
# Returns the milliseconds to wait, or 0 if this guess is allowed and was counted.
_COUNT = """
local wait = redis.call('PTTL', KEYS[2])
if wait > 0 then return wait end
local free, first, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local guesses = redis.call('INCR', KEYS[1])
redis.call('EXPIRE', KEYS[1], ARGV[4])
if guesses >= free then
    local delay = math.min(first * 2 ^ (guesses - free), most)
    redis.call('SET', KEYS[2], '', 'EX', string.format('%d', delay))
end
return 0
"""
# A count that has expired meanwhile must not come back as a negative one that stays.
_UNCOUNT = """
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('DECR', KEYS[1]) end
"""


class TooManyGuesses(TooManyRequests):
    """Too many wrong passwords. `retry_after` is in seconds."""

    message = _("Too many wrong passwords. Please wait a little.")


def count(budget: str) -> None:
    """Count a guess. Raises TooManyGuesses if it has to wait; then it does not count."""
    keys = _keys(budget)
    with suppress(RedisAway), guarded():
        command = ("EVAL", _COUNT, len(keys), *keys, FREE, FIRST_DELAY, MAX_DELAY, FORGET)
        (wait,) = node_of(keys[0]).run(lambda _: [command])
        if wait:
            raise TooManyGuesses(retry_after=-(-wait // 1000))


def uncount(budget: str) -> None:
    """Take a guess back, because it was right."""
    key = _keys(budget)[0]
    with suppress(RedisAway), guarded():
        node_of(key).run(lambda _: [("EVAL", _UNCOUNT, 1, key)])


def reset(budget: str) -> None:
    """Forget all guesses and the delay."""
    keys = _keys(budget)
    with suppress(RedisAway), guarded():
        node_of(keys[0]).run(lambda _: [("DEL", *keys)])


def _keys(budget: str) -> tuple[str, str]:
    # A digest, because budgets may hold e-mail addresses. In braces, so that both are in one slot.
    digest = hashlib.sha256(budget.encode()).hexdigest()
    return f"guesses:{{{digest}}}", f"guesses:{{{digest}}}:wait"
