"""How much of everything a site of a given size needs: a capacity model on paper. Pure.

The constants below come from the bench (bench/results.md) and from profiles of the same small
virtual machine: those of pushes, entries and home were measured, those of tasks, posts and rows
are estimates. A better core needs less. The model multiplies, and knows no queueing: it plans for
parts that are half idle at the peak (HEADROOM), which is where queues stay short.
"""

from dataclasses import dataclass

DAY_SECONDS = 86_400
GIB = 2**30
HEADROOM = 0.5  # how busy a part may be at the peak

# Seconds of one core.
PUSH_REDIS = 5.9e-6  # one id into one full timeline, by the script
PUSH_WORKER = 1.5e-6  # the same for the worker: followers read, keys made, sent
TASK_WORKER = 4.0e-3  # a task of a fan-out: Celery, the outbox, the look at the tweet
TASK_POSTGRES = 1.0e-3
HOME_WEB = 1.2e-3  # a page of home through the API
HOME_POSTGRES = 0.5e-3
HOME_REDIS = 0.1e-3
POST_WEB = 5.0e-3
POST_POSTGRES = 1.5e-3
RANGE_FOLLOWERS = 5_000  # that one task serves
# Bytes.
ENTRY = 77  # an id in a timeline, as a skip list
TIMELINE = 250  # what a timeline takes besides its entries
TWEET = 700  # a row of a tweet with its indexes, mentions, hashtags, and a third of a like
FOLLOW = 190  # a row of a follow with its indexes


@dataclass(frozen=True, slots=True)
class Load:
    """What people do. Averages; `peak` is how much busier than the average the busiest hour is."""

    people: int
    active: float = 0.3  # the share of people who read within HOME_TTL_DAYS
    follows: float = 150.0  # whom one person follows
    reach: float = 2.0  # how many more followers the author of an average tweet has
    pulled: float = 0.25  # the share of deliveries that pulled authors would cause
    posts: float = 0.5  # tweets and reposts of an active person a day
    reads: float = 15.0  # pages of home that an active person reads a day
    peak: float = 3.0
    length: int = 800  # HOME_MAX_LENGTH
    years: float = 3.0  # of tweets that are kept


@dataclass(frozen=True, slots=True)
class Machines:
    """What one of each kind has, in GiB and cores."""

    redis_gib: float = 24.0
    postgres_cores: int = 16


@dataclass(frozen=True, slots=True)
class Needs:
    """What it takes. Rates are at the peak."""

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
    """What `load` needs on such machines."""
    warm = round(load.people * load.active)
    posts = warm * load.posts * load.peak / DAY_SECONDS
    reads = warm * load.reads * load.peak / DAY_SECONDS
    audience = load.follows * load.reach * (1 - load.pulled)
    # A cold timeline costs its author a look and no write: followers who never read are free.
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
        # Redis uses one core a master, whatever the machine has.
        redis_masters=max(1, _up(redis_gib / machines.redis_gib), _up(redis_cores)),
        fanout_workers=max(1, _up(workers)),
        web_processes=max(1, _up(web)),
        postgres_cores=written + read,
        postgres_replicas=max(0, _up((written + read) / machines.postgres_cores) - 1),
        tweets_per_month=round(warm * load.posts * 365.25 / 12),
        tweets_gib=tweets * TWEET / GIB,
        follows_gib=load.people * load.follows * FOLLOW / GIB,
    )


def _up(value: float) -> int:
    return -int(-value // 1)
