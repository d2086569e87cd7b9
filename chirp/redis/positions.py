"""How far replicas of Postgres must have come: the positions of what was written last.

A position is a place in Postgres' write-ahead log, as a number of bytes. There are two keys:

- the position for everybody, of the last commit that took something away from readers: no replica
  behind it may answer anyone.
- the accounts that wrote last, each with the position of its last commit: no replica behind that
  may answer the account. Only so many are kept. Those that fall out raise the position for
  everybody, so nothing is forgotten.

Like all data in Redis they may vanish. The position for everybody therefore names the incarnation
of the server. Without one of this incarnation nothing is known, and replicas are not used until
an account has written, or `restart` has set one.
"""

from dataclasses import dataclass
from typing import Any

from chirp.redis.client import Command, guarded, node_of

# The part in braces puts both into one slot of a cluster.
EVERYBODY, ACCOUNTS = "written:{0}:everybody", "written:{0}:accounts"
MOST = 1_000  # accounts that are kept
READ_MOST = 200  # accounts of one read: a replica that lacks the writes of more needs them all

# KEYS: everybody, accounts. ARGV: incarnation, position, account or "", MOST.
WROTE = """
local stored = redis.call('GET', KEYS[1]) or ''
local known = string.sub(stored, 1, 9) == ARGV[1] .. ':'
local everybody = known and tonumber(string.sub(stored, 10)) or 0
if ARGV[3] == '' or not known then
    everybody = math.max(everybody, tonumber(ARGV[2]))
end
if ARGV[3] ~= '' then
    redis.call('ZADD', KEYS[2], 'GT', ARGV[2], ARGV[3])
    local excess = redis.call('ZCARD', KEYS[2]) - tonumber(ARGV[4])
    if excess > 0 then
        local gone = redis.call('ZPOPMIN', KEYS[2], excess)
        everybody = math.max(everybody, tonumber(gone[#gone]))
    end
end
redis.call('SET', KEYS[1], ARGV[1] .. ':' .. string.format('%.0f', everybody))
return 1
"""


@dataclass(frozen=True, slots=True)
class Needed:
    """What a replica must have reached: for `everybody`, and for accounts beyond its position.

    `newest` is the last position of all.
    """

    everybody: int
    accounts: dict[int, int]
    newest: int


def wrote(position: int, account_id: int | None = None) -> None:
    """Note a commit: of an account, or one that concerns everybody. Raises RedisAway."""
    account = "" if account_id is None else account_id

    def commands(incarnation: str) -> list[Command]:
        return [("EVAL", WROTE, 2, EVERYBODY, ACCOUNTS, incarnation, position, account, MOST)]

    with guarded():
        node_of(EVERYBODY).run(commands)


def needed(beyond: int) -> Needed | None:
    """Return what a replica at the position `beyond` may lack; None if that is not known.

    Raises RedisAway.
    """
    incarnation = ""
    most = ("LIMIT", 0, READ_MOST, "WITHSCORES")

    def commands(now: str) -> list[Command]:
        nonlocal incarnation
        incarnation = now
        return [
            ("GET", EVERYBODY),
            ("ZRANGE", ACCOUNTS, f"({beyond}", "+inf", "BYSCORE", *most),
            ("ZRANGE", ACCOUNTS, 0, 0, "REV", "WITHSCORES"),
        ]

    with guarded():
        stored, behind, last = node_of(EVERYBODY).run(commands)
    found, _, everybody = (stored or b"").decode().partition(":")
    if found != incarnation:
        return None
    accounts = _scores(behind)
    newest = max([int(everybody), *_scores(last).values()])
    is_far_behind = len(accounts) == READ_MOST
    return Needed(newest if is_far_behind else int(everybody), accounts, newest)


def _scores(flat: list[Any]) -> dict[int, int]:
    return {int(flat[n]): int(float(flat[n + 1])) for n in range(0, len(flat), 2)}
