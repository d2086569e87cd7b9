"""A capacity model: the resources that a site of a given size needs. Pure: imports no Django.

The constants below come from the benchmark (bench/results.md) and from profiles of the same small
virtual machine: the costs of pushes, entries and home were measured, the costs of tasks, posts and
rows are estimates. A faster core needs less. The model only multiplies and does not simulate
queues: it plans for a utilization at the peak (HEADROOM) at which queues stay short.
"""

from dataclasses import dataclass

DAY_SECONDS = 86_400
GIB = 2**30
HEADROOM = 0.5  # utilization at the peak, as a fraction

# Costs in seconds of one core.
PUSH_REDIS = 5.9e-6  # push one id into one full timeline, by the Lua script
PUSH_WORKER = 1.5e-6  # the same in the worker: read followers, build keys, send
TASK_WORKER = 4.0e-3  # a fan-out task: Celery, the outbox, re-checking the tweet
TASK_POSTGRES = 1.0e-3
HOME_WEB = 1.2e-3  # a page of home through the API
HOME_POSTGRES = 0.5e-3
HOME_REDIS = 0.1e-3
POST_WEB = 5.0e-3
POST_POSTGRES = 1.5e-3
RANGE_FOLLOWERS = 5_000  # followers that one task serves
# Sizes in bytes.
ENTRY = 77  # an id in a timeline, as a skip list
TIMELINE = 250  # overhead of a timeline, without its entries
TWEET = 700  # a row of a tweet with its indexes, mentions, hashtags, and a third of a like
FOLLOW = 190  # a row of a follow with its indexes


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
    """The required resources. Rates are at the peak."""

    warm: int
    posts_per_second: float
    deliveries_per_second: float
    reads_per_second: float
    redis_gib: float
    redis_cores: float
    redis_masters: int
    fanout_workers: int
    web_processes: int
    postgres_cores: float
    postgres_replicas: int
    tweets_per_month: int
    tweets_gib: float
    follows_gib: float


def needs(load: Load, machines: Machines) -> Needs:
    """The resources that `load` needs on such machines."""
    warm = round(load.people * load.active)
    posts = warm * load.posts * load.peak / DAY_SECONDS
    reads = warm * load.reads * load.peak / DAY_SECONDS
    audience = load.follows * load.reach * (1 - load.pulled)
    # A cold timeline is checked but not written: followers who never read cost nothing.
    deliveries = posts * audience * load.active
    tasks = posts * (1 + audience / RANGE_FOLLOWERS)
    redis_cores = (deliveries * PUSH_REDIS + reads * HOME_REDIS) / HEADROOM
    redis_gib = warm * (TIMELINE + load.length * ENTRY) / GIB
    workers = (posts * audience * PUSH_WORKER + tasks * TASK_WORKER) / HEADROOM
    web = (reads * HOME_WEB + posts * POST_WEB) / HEADROOM
    written = (posts * POST_POSTGRES + tasks * TASK_POSTGRES) / HEADROOM
    read = reads * HOME_POSTGRES / HEADROOM
    tweets = warm * load.posts * 365.25 * load.years
    return Needs(
        warm=warm,
        posts_per_second=posts,
        deliveries_per_second=deliveries,
        reads_per_second=reads,
        redis_gib=redis_gib,
        redis_cores=redis_cores,
        # A Redis master uses a single core, regardless of the machine.
        redis_masters=max(1, _ceil(redis_gib / machines.redis_gib), _ceil(redis_cores)),
        fanout_workers=max(1, _ceil(workers)),
        web_processes=max(1, _ceil(web)),
        postgres_cores=written + read,
        postgres_replicas=max(0, _ceil((written + read) / machines.postgres_cores) - 1),
        tweets_per_month=round(warm * load.posts * 365.25 / 12),
        tweets_gib=tweets * TWEET / GIB,
        follows_gib=load.people * load.follows * FOLLOW / GIB,
    )


def _ceil(value: float) -> int:
    return -int(-value // 1)
