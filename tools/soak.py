"""`script/soak EDGES`: a real graph, real workers, and every timeline verified after changes.

It starts temporary servers, workers and a relay, imports the graph, posts through the services,
waits until the outbox is empty, and compares all timelines with the oracle. Then it makes random
changes of every kind, and compares again. The exit status is 1 if a timeline differs.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import tools

QUEUES = "fanout,backfill,notifications,media,imports,default"
TIMEOUT_SECONDS = 600


def main() -> None:
    """Run the soak test, and exit with its status."""
    parser = tools.parser(__doc__)
    parser.add_argument("edges", type=Path, help="an edge list, as manage.py import_graph reads it")
    parser.add_argument("--tweets", type=int, default=5000)
    parser.add_argument("--operations", type=int, default=4000)
    parser.add_argument("--celebrity-followers", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with ExitStack() as stack:
        var = stack.enter_context(tempfile.TemporaryDirectory(prefix="chirp-soak-"))
        os.environ |= {
            "VAR_DIR": var,
            "DJANGO_SETTINGS_MODULE": "chirp.settings",
            "CELEBRITY_FOLLOWERS": str(options.celebrity_followers),
            "LOG_LEVEL": "WARNING",
        }
        from runner import embedded

        stack.enter_context(embedded.running(Path(var)))
        import django

        django.setup()
        sys.exit(soak(options))


def soak(options: argparse.Namespace) -> int:
    """Import, post, verify, change, verify. Returns how many of the two verifications failed."""
    from django.core.management import call_command

    from accounts.models import User
    from tests.helpers.random_use import CHANGING, WRITING, Town

    call_command("migrate", verbosity=0)
    call_command("import_graph", str(options.edges))
    with workers():
        _set_passwords()
        town = Town(list(User.objects.all()), seed=options.seed)
        _wait_delivered("import")
        _build_timelines()  # so that there are warm timelines to push to
        _timed(f"{options.tweets} tweets", lambda: town.live(options.tweets, WRITING))
        failures = _count_failures("after posting")
        _timed(f"{options.operations} changes", lambda: town.live(options.operations, CHANGING))
        failures += _count_failures("after the changes")
    print(", ".join(f"{kind}: {count}" for kind, count in town.done.most_common()))
    return failures


@contextmanager
def workers() -> Iterator[None]:
    """Run a worker with two processes and a relay while the block runs."""
    celery = [sys.executable, "-m", "celery", "-q", "-A", "chirp"]
    commands = [
        [*celery, "worker", "-Q", QUEUES, "-c", "2", "-l", "WARNING"],
        [sys.executable, "manage.py", "relay"],
    ]
    running = [subprocess.Popen(command) for command in commands]
    try:
        yield
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(timeout=60)


def _set_passwords() -> None:
    """Give all accounts a password: imported ones have none, and deactivation asks for it."""
    from django.contrib.auth.hashers import make_password

    from accounts.models import User
    from tests.helpers.random_use import PASSWORD

    User.objects.update(password=make_password(PASSWORD))


def _build_timelines() -> None:
    from accounts.models import User
    from timelines import services

    for viewer_id in User.objects.values_list("pk", flat=True):
        services.populate(viewer_id=viewer_id)


def _timed(what: str, work: Callable[[], None]) -> None:
    started = time.monotonic()
    work()
    took = time.monotonic() - started
    print(f"{what}: {took:.1f} s through the services")
    _wait_delivered(what)


def _wait_delivered(what: str) -> None:
    """Wait until the outbox is empty. Exits the process after TIMEOUT_SECONDS."""
    from outbox import services as outbox

    started = time.monotonic()
    while owed := outbox.owed():
        if time.monotonic() - started > TIMEOUT_SECONDS:
            sys.exit(f"{what}: {owed} events are still not delivered. The workers hang.")
        time.sleep(0.1)
    print(f"{what}: all delivered {time.monotonic() - started:.1f} s later")


def _count_failures(when: str) -> int:
    from django.core.management import CommandError, call_command

    print(f"verify --all {when}:")
    try:
        call_command("timeline", "stats")
        call_command("timeline", "verify", "--all")
    except CommandError as error:
        print(error)
        return 1
    return 0


if __name__ == "__main__":
    main()
