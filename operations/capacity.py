"""A capacity model: the resources that a site of a given size needs. Pure: imports no Django.

The constants below were measured on a small virtual machine: see bench/results.md and the profiles
in docs/performance.md; sizes of rows by `script/tool partitions`. A faster core needs less. A post
costs what it does when posts come one at a time; many at once cost half as much. The model only
multiplies and does not simulate queues: it plans for a utilization at the peak (HEADROOM) at which
queues stay short.
"""

from dataclasses import dataclass

DAY_SECONDS = 86_400
GIB = 2**30
HEADROOM = 0.5  # utilization at the peak, as a fraction

# Costs in seconds of one core.
PUSH_REDIS = 6.7e-6  # push one id into one full timeline, by the Lua script
PUSH_WORKER = 1.8e-6  # the same in the worker: read followers, build keys, send
TASK_WORKER = 4.0e-3  # the tasks of a post: Celery, the outbox, re-checking, the search document
TASK_POSTGRES = 1.0e-3
TASK_BROKER = 0.5e-3
TASK_RELAY = 2.6e-3
HOME_WEB = 1.75e-3  # a page of home through the API, 20 entries
HOME_POSTGRES = 0.75e-3
HOME_REDIS = 0.13e-3
POST_WEB = 2.1e-3
POST_POSTGRES = 1.9e-3
RANGE_FOLLOWERS = 5_000  # followers that one task serves
# Sizes in bytes.
ENTRY = 83  # an id in a timeline, as a skip list
TIMELINE = 250  # overhead of a timeline, without its entries
TWEET = 770  # a tweet, its search document, and a third of a hashtag and of a like, with indexes
FOLLOW = 190  # a row of a follow with its indexes
TABLE_ROWS = 300e6  # of tweets, from which on looking after one table takes too long (decision 42)


@dataclass(frozen=True, slots=True)
class Load:
    """The load of a site. Averages; `peak` is the busiest hour in multiples of the average."""

    people: int
    active: float = 0.3  # fraction of accounts that read within HOME_TTL_DAYS
    follows: float = 150.0  # accounts that one account follows
    reach: float = 2.0  # followers of the author of an average tweet, in multiples of the average
    pulled: float = 0.25  # fraction of deliveries saved, because their authors are pulled
    posts: float = 0.5  # tweets and reposts of an active account per day
    reads: float = 15.0  # pages of home that an active account reads per day
    peak: float = 3.0
    length: int = 800  # HOME_MAX_LENGTH
    years: float = 3.0  # how long tweets are kept


@dataclass(frozen=True, slots=True)
class Machines:
    """The size of one Redis master in GiB, and of one Postgres server in cores."""

    redis_gib: float = 24.0
    postgres_cores: int = 16


@dataclass(frozen=True, slots=True)
class Needs:
    """The required resources. Rates are at the peak, at which the cores are busy to HEADROOM."""

    warm: int
    posts_per_second: float
    deliveries_per_second: float
    reads_per_second: float
    redis_gib: float
    redis_cores: float
    redis_masters: int
    fanout_cores: float
    relay_cores: float
    broker_cores: float
    web_cores: float
    postgres_cores: float
    postgres_write_cores: float  # of these, what only the primary can do
    postgres_replicas: int
    tweets_per_month: int
    tweets: float
    tweets_gib: float
    follows_gib: float


@dataclass(frozen=True, slots=True)
class Limit:
    """Up to how many people one of a part is enough, and what to do then."""

    part: str
    people: float
    remedy: str


def needs(load: Load, machines: Machines) -> Needs:
    """The resources that `load` needs on such machines."""
    active = load.people * load.active  # not rounded: limits do not depend on the number of people
    posts = active * load.posts * load.peak / DAY_SECONDS
    reads = active * load.reads * load.peak / DAY_SECONDS
    audience = load.follows * load.reach * (1 - load.pulled)
    # A cold timeline is checked but not written: followers who never read cost nothing.
    deliveries = posts * audience * load.active
    tasks = posts * (1 + audience / RANGE_FOLLOWERS)
    redis_cores = (deliveries * PUSH_REDIS + reads * HOME_REDIS) / HEADROOM
    redis_gib = active * (TIMELINE + load.length * ENTRY) / GIB
    written = (posts * POST_POSTGRES + tasks * TASK_POSTGRES) / HEADROOM
    read = reads * HOME_POSTGRES / HEADROOM
    tweets = active * load.posts * 365.25 * load.years
    return Needs(
        warm=max(1, round(active)),
        posts_per_second=posts,
        deliveries_per_second=deliveries,
        reads_per_second=reads,
        redis_gib=redis_gib,
        redis_cores=redis_cores,
        # A Redis master uses a single core, regardless of the machine.
        redis_masters=max(1, ceil(redis_gib / machines.redis_gib), ceil(redis_cores)),
        fanout_cores=(posts * audience * PUSH_WORKER + tasks * TASK_WORKER) / HEADROOM,
        relay_cores=tasks * TASK_RELAY / HEADROOM,
        broker_cores=tasks * TASK_BROKER / HEADROOM,
        web_cores=(reads * HOME_WEB + posts * POST_WEB) / HEADROOM,
        postgres_cores=written + read,
        postgres_write_cores=written,
        postgres_replicas=max(0, ceil((written + read) / machines.postgres_cores) - 1),
        tweets_per_month=round(active * load.posts * 365.25 / 12),
        tweets=tweets,
        tweets_gib=tweets * TWEET / GIB,
        follows_gib=load.people * load.follows * FOLLOW / GIB,
    )


def limits(load: Load, machines: Machines) -> list[Limit]:
    """The parts of which a small site has one, that of which it first needs more at the top.

    Each grows in proportion to the number of people. A part that the load does not use is left out.
    """
    need = needs(load, machines)
    cores = machines.postgres_cores
    parts = [
        ("the memory of one Redis", need.redis_gib / machines.redis_gib, "a cluster"),
        ("the core of one Redis", need.redis_cores, "a cluster"),
        ("one web process", need.web_cores, "more of them, on any machine"),
        ("one process for fan-outs", need.fanout_cores, "more of them, on any machine"),
        ("one relay", need.relay_cores, "more of them, on any machine"),
        ("the core of a Valkey as broker", need.broker_cores, "RabbitMQ"),
        (f"a Postgres of {count(cores, 'core')}", need.postgres_cores / cores, "replicas"),
        ("its primary, if replicas read", need.postgres_write_cores / cores, "a larger one"),
        ("one table of tweets", need.tweets / TABLE_ROWS, "partitions by year"),
    ]
    found = [Limit(part, load.people / share, remedy) for part, share, remedy in parts if share]
    return sorted(found, key=lambda limit: limit.people)


def count(number: int, one: str, several: str = "") -> str:
    """The number with a noun, whose plural is made with an s if it is not given."""
    return f"{number:,} {one if number == 1 else several or one + 's'}"


def ceil(value: float) -> int:
    """The smallest whole number that is not below the value."""
    return -int(-value // 1)
