"""The Lua scripts of the store: operations on a timeline that must be atomic.

The terms are those of timelines/store.py. Every script gets timelines as KEYS. The key of a
timeline that is being built is derived from its key: both have the same hash tag and so are in the
same slot. ARGV[1] is always the name of the floor. Redis returns scores as strings, so ids stay
exact.
"""

# Finds the live key of an owner: the timeline, or else the one being built, or else none. Returns
# the key, the floor, and the number of members that are not ids (`extra`).
_LIVE = """
local call, FLOOR = redis.call, ARGV[1]
local function live(key)
    local floor = call('ZSCORE', key, FLOOR)
    if floor then return key, tonumber(floor), 1 end
    key = key .. ':build'
    floor = call('ZSCORE', key, FLOOR)
    if floor then return key, tonumber(floor), 2 end
end
"""
_TRIM = """
local function trim(key, extra, most)
    local over = call('ZCARD', key) - extra - most
    if over > 0 then
        -- Remove up to a sixteenth more than needed, so that not every push to a full timeline has
        -- to trim. The amount is random, so that timelines that were filled at the same time are
        -- not always trimmed at the same time.
        local more = math.floor(most / 16)
        if more > 0 then over = over + math.random(math.ceil(more / 2), more) end
        -- The floor is the lowest member, so ranks 1 to `over` are the oldest ids.
        local newest = call('ZRANGE', key, over, over)[1]
        call('ZREMRANGEBYRANK', key, 1, over)
        call('ZADD', key, newest, FLOOR)
    end
end
"""
# Adds the ids in ARGV[first] to ARGV[last], which are ascending, that are above the floor. Returns
# how many are new.
_ADD = """
local function add(key, floor, first, last)
    while first <= last and tonumber(ARGV[first]) <= floor do first = first + 1 end
    if first > last then return 0 end
    if first == last then return call('ZADD', key, ARGV[first], ARGV[first]) end
    local pairs = {}
    for i = first, last do
        pairs[#pairs + 1] = ARGV[i]
        pairs[#pairs + 1] = ARGV[i]
    end
    return call('ZADD', key, unpack(pairs))
end
"""
# Raises the floor to `to` unless it is that high already, and removes the ids up to there. Returns
# the floor.
_RAISE = """
local function raise(key, floor, to)
    if tonumber(to) <= floor then return floor end
    call('ZREMRANGEBYSCORE', key, '-inf', to)
    call('ZADD', key, to, FLOOR)
    return tonumber(to)
end
"""
# KEYS: timelines. ARGV: floor, maximum length, then for each group of timelines that get the same
# ids: number of timelines, number of ids, ids ascending. Returns how many ids were added.
PUSH = (
    _LIVE
    + _TRIM
    + _ADD
    + """
local most, pushed, next_key, at = tonumber(ARGV[2]), 0, 1, 3
while at < #ARGV do
    local keys, ids = tonumber(ARGV[at]), tonumber(ARGV[at + 1])
    for i = next_key, next_key + keys - 1 do
        local key, floor, extra = live(KEYS[i])
        if key then
            local added = add(key, floor, at + 2, at + 1 + ids)
            if added > 0 then
                trim(key, extra, most)
                pushed = pushed + added
            end
        end
    end
    next_key, at = next_key + keys, at + 2 + ids
end
return pushed
"""
)
# KEYS: timeline. ARGV: floor, maximum length, the id above which the given ids are complete, ids
# ascending. Returns 1 if the timeline is warm or being built, else 0.
ADD = (
    _LIVE
    + _TRIM
    + _ADD
    + _RAISE
    + """
local key, floor, extra = live(KEYS[1])
if not key then return 0 end
add(key, raise(key, floor, ARGV[3]), 4, #ARGV)
trim(key, extra, tonumber(ARGV[2]))
return 1
"""
)
# KEYS: timelines. ARGV: floor. Returns for each 1 if it is warm or being built, else 0.
WARM = (
    _LIVE
    + """
local found = {}
for i, key in ipairs(KEYS) do found[i] = live(key) and 1 or 0 end
return found
"""
)
# KEYS: timelines. ARGV: floor, the id below which to read, seconds to live, and for each timeline
# the maximum number of ids to read. Returns for each timeline its ids descending followed by its
# floor, or an empty list if it is cold.
READ = """
local call, found = redis.call, {}
for i, key in ipairs(KEYS) do
    local floor = call('ZSCORE', key, ARGV[1])
    if floor then
        local ids = call('ZRANGE', key, '(' .. ARGV[2], '(' .. floor,
            'BYSCORE', 'REV', 'LIMIT', 0, ARGV[3 + i])
        ids[#ids + 1] = floor
        found[i] = ids
        call('EXPIRE', key, ARGV[3])
    else
        found[i] = {}
    end
end
return found
"""
# KEYS: timeline. ARGV: floor, token, lease in milliseconds. Returns 'warm', 'busy' if another
# builder holds the lease, or 'build'. A timeline (finished or being built) without a floor of this
# name is left from another incarnation, and is treated as if it did not exist.
ANNOUNCE = """
local call = redis.call
local build = KEYS[1] .. ':build'
if call('ZSCORE', KEYS[1], ARGV[1]) then return 'warm' end
if call('ZSCORE', build, ARGV[1]) then return 'busy' end
call('UNLINK', build)
call('ZADD', build, 0, ARGV[1], '+inf', ARGV[2])
call('PEXPIRE', build, ARGV[3])
return 'build'
"""
# KEYS: timeline. ARGV: floor, maximum length, the id above which the given ids are complete, token,
# seconds to live, ids ascending. Returns 1 if the timeline is warm now, 0 if the token is gone.
FINISH = (
    _LIVE
    + _TRIM
    + _ADD
    + _RAISE
    + """
local build = KEYS[1] .. ':build'
local floor = call('ZSCORE', build, FLOOR)
if not floor or call('ZREM', build, ARGV[4]) == 0 then return 0 end
add(build, raise(build, tonumber(floor), ARGV[3]), 6, #ARGV)
trim(build, 1, tonumber(ARGV[2]))
call('RENAME', build, KEYS[1])
call('EXPIRE', KEYS[1], ARGV[5])
return 1
"""
)
