"""Measures Stream-Framework, in its own environment. It imports no code of Chirp.

    python -c 'import stream_side; stream_side.main()' FOLLOWERS LENGTH ROUNDS BURST

It prints one line of JSON. The feeds, manager, tasks and storage are used as published, with the
patches that Python 3.7 and later need to load them:

- `collections.Hashable` is restored;
- `async`, now a keyword, is renamed where it is the name of a parameter;
- redis-py 2.10, whose ZADD the storage uses, is loaded from a separate directory, so that Celery
  finds the redis-py that it needs.
"""

import collections
import collections.abc
import importlib.util
import itertools
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

OLD_CLIENT, SOCKET = os.environ["STREAM_OLD_CLIENT"], os.environ["STREAM_SOCKET"]
SERVER = int(os.environ["STREAM_SERVER"])
DB, TIMEOUT_SECONDS = 3, 120.0
AUTHOR, DONE = 1, "bench:stream-done"
FIRST_FOLLOWER = 10

collections.Hashable = collections.abc.Hashable
sys.path.insert(0, OLD_CLIENT)
import redis as old_redis  # noqa: E402
import stream_framework.default_settings as settings  # noqa: E402
from stream_framework.metrics.base import Metrics  # noqa: E402


class Counting(Metrics):
    """Counts deliveries, by Stream-Framework's hook for metrics."""

    def on_fanout(self, feed_class, operation, activities_count=1):
        feed_class.get_timeline_storage().get_cache(DONE).redis.incrby(DONE, activities_count)


settings.STREAM_METRIC_CLASS = "stream_side.Counting"


def load_old(name):
    """Import a module whose source uses `async` as a name."""
    spec = importlib.util.find_spec(name)
    source = re.sub(r"\basync\b", "async_", Path(spec.origin).read_text())
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    exec(compile(source, spec.origin, "exec"), module.__dict__)


import stream_framework.storage.redis.connection as connection  # noqa: E402

connection.connection_pool = {
    "default": old_redis.ConnectionPool(
        connection_class=old_redis.UnixDomainSocketConnection,
        path=SOCKET,
        db=DB,
        decode_responses=True,
    )
}
load_old("stream_framework.feed_managers.base")
from stream_framework.activity import Activity  # noqa: E402
from stream_framework.feed_managers.base import FanoutPriority, Manager  # noqa: E402
from stream_framework.feeds.redis import RedisFeed  # noqa: E402
from stream_framework.verbs.base import Add  # noqa: E402

# From here on `import redis` finds the client that Celery needs.
sys.path.remove(OLD_CLIENT)
for loaded in [name for name in sys.modules if name.split(".")[0] == "redis"]:
    del sys.modules[loaded]

import psutil  # noqa: E402
from celery import Celery  # noqa: E402

app = Celery("stream_side", broker=os.environ["STREAM_BROKER"])
app.conf.update(
    task_serializer="pickle",
    accept_content=["pickle"],
    task_ignore_result=True,
    worker_prefetch_multiplier=4,
    worker_hijack_root_logger=False,
)
app.set_default()


class HomeFeed(RedisFeed):
    """The timeline of a follower, with the same length as Chirp's."""

    key_format = "feed:%(user_id)s"
    max_length = int(os.environ.get("STREAM_LENGTH", "800"))


class UserFeed(HomeFeed):
    """The activities of an author."""

    key_format = "user_feed:%(user_id)s"
    max_length = 10**6


class FanOut(Manager):
    """The fan-out to followers that are known without a query."""

    feed_classes = {"normal": HomeFeed}
    user_feed_class = UserFeed
    followers = int(os.environ.get("STREAM_FOLLOWERS", "0"))

    def get_user_follower_ids(self, user_id):
        return {FanoutPriority.HIGH: list(range(FIRST_FOLLOWER, FIRST_FOLLOWER + self.followers))}


def activity(number):
    return Activity(AUTHOR, Add, number)


def fill(client, followers, length):
    """Fill all timelines: one with Stream-Framework, the others by copies in the server."""
    first = HomeFeed(FIRST_FOLLOWER)
    activities = [activity(number) for number in range(1, length + 1)]
    HomeFeed.insert_activities(activities)
    first.add_many(activities, trim=False)
    pipe = client.pipeline(transaction=False)
    for follower in range(FIRST_FOLLOWER + 1, FIRST_FOLLOWER + followers):
        pipe.execute_command("COPY", first.key, HomeFeed(follower).key, "REPLACE")
    pipe.execute()


def cpu():
    """CPU seconds that this process, its workers and the server have used so far."""
    this_process = psutil.Process()
    taking_part = [this_process, *this_process.children(recursive=True), psutil.Process(SERVER)]
    return sum(process.cpu_times().user + process.cpu_times().system for process in taking_part)


def fan_out(client, numbers, followers):
    """Wall-clock and CPU seconds from adding activities until all followers have them."""
    client.set(DONE, 0)
    manager = FanOut()
    used = cpu()
    started = time.perf_counter()
    for number in numbers:
        manager.add_user_activity(AUTHOR, activity(number))
    while int(client.get(DONE)) < followers * len(numbers):
        if time.perf_counter() - started > TIMEOUT_SECONDS:
            raise SystemExit("its workers do not finish")
        time.sleep(0.003)
    return time.perf_counter() - started, cpu() - used


def main():
    """Start the workers, measure, and print the results."""
    followers, length, rounds, burst = map(int, sys.argv[1:5])
    fresh = itertools.count(length + 1)
    client = old_redis.StrictRedis(connection_pool=connection.connection_pool["default"])
    client.flushdb()
    fill(client, followers, length)
    command = [sys.executable, "-m", "celery", "-q", "-A", "stream_side", "worker", "-c", "2"]
    worker = subprocess.Popen([*command, "-l", "WARNING"], stdout=sys.stderr)
    try:
        fan_out(client, [next(fresh)], followers)  # starts and warms the workers
        one = [fan_out(client, [next(fresh)], followers) for _ in range(rounds)]
        some = [list(itertools.islice(fresh, burst)) for _ in range(max(1, rounds - 1))]
        bursts = [fan_out(client, numbers, followers) for numbers in some]
        there = HomeFeed(FIRST_FOLLOWER + followers - 1)[:1][0]
        assert there.object_id == some[-1][-1], there
        print(json.dumps({"one": one, "burst": bursts}))
    finally:
        worker.terminate()
        worker.wait(timeout=60)
        client.flushdb()
