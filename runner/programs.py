"""The table of processes: their commands, their order, and how each is stopped.

The containers run the same commands; a test compares them.
"""

import os
import sys
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from chirp.env import TRUE
from herd import settings
from runner import embedded, forked
from runner.options import Options
from runner.ready import reachable

# In the order of starting. They stop in the opposite order, one stage after another.
STAGES = ("database", "store", "prepare", "work", "herd", "web", "ready")
BACKGROUND_QUEUES = "backfill,notifications,media,imports,default"
FANOUT_PROCESSES = min(2, os.cpu_count() or 1)


@dataclass(frozen=True, slots=True)
class Program:
    """One process under the manager. `stage` is one of STAGES."""

    name: str
    command: list[str]
    stage: str
    stop_signal: str = "TERM"
    # Seconds until a process that does not stop is killed.
    patience: int = 10
    user: str | None = None
    # A step runs once, until it exits. Other programs are started again whenever they exit.
    step: bool = False
    # It begins as a copy of the manager: runner/forked.py.
    forked: bool = False
    # The step that must finish before this program may start; empty to start at once.
    after: str = "prepare"


# It takes its connections over from the web: chirp/handoff.py.
STREAM_COMMAND = ["-m", "streaming"]
STREAM = Program("stream", [sys.executable, *STREAM_COMMAND], "web", patience=10)
# What the herd runs needs nothing of Chirp.
STAGES_OF_CHIRP = ("prepare", "work", "web", "ready")


def programs(options: Options) -> list[Program]:
    """Every process of this run.

    Raises NoWheel if an embedded server is not available, and BadSettings for the herd's settings.
    """
    reloadable = [*_workers(options), *_herd(options), STREAM, _web(options)]
    if options.reload:
        reloadable = [_reloaded(program) for program in reloadable]
    found = [*_servers(options), *_steps(options), *reloadable]
    return found if options.reload else [_forked(program) for program in found]


def _forked(program: Program) -> Program:
    return replace(program, forked=forked.AVAILABLE and program.stage in STAGES_OF_CHIRP)


def herd_addresses(options: Options) -> list[settings.Address]:
    """The addresses on which the location servers of this run listen. Raises BadSettings."""
    return [
        address
        for server in _herd_servers(options)
        for address in (server.clients, server.peers, server.status)
    ]


def uses_embedded_postgres() -> bool:
    """Whether the database is the embedded server: DATABASE_URL is not set."""
    return not os.environ.get("DATABASE_URL", "").strip()


def uses_embedded_valkey() -> bool:
    """Whether timelines or the broker need the embedded server."""
    return not all(os.environ.get(name, "").strip() for name in ("REDIS_URL", "CELERY_BROKER_URL"))


def web_command(address: str, workers: int) -> list[str]:
    """The arguments to Python that run the web server."""
    options = ["--config", "deploy/gunicorn.conf.py", "--bind", address, "--workers", str(workers)]
    return ["-m", "gunicorn", *options, "chirp.wsgi:application"]


def worker_command(name: str, queues: str, processes: int) -> list[str]:
    """The arguments to Python that run a Celery worker. `queues` is separated by commas."""
    options = ["--hostname", f"{name}@%h", "--queues", queues, "--concurrency", str(processes)]
    quiet = ["--without-mingle", "--without-gossip"]  # no process uses what workers would exchange
    return ["-m", "celery", "-q", "-A", "chirp", "worker", "--loglevel", "INFO", *options, *quiet]


def relay_command(*, schedule: str) -> list[str]:
    """The arguments to Python that run the relay and scheduler, which keeps its state there."""
    return ["manage.py", "relay", "--schedule", schedule]


def _python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]


def _servers(options: Options) -> list[Program]:
    found = []
    if uses_embedded_postgres():
        command = ["/usr/bin/env", "LC_ALL=C", *embedded.postgres_command(options.var)]
        found.append(
            Program(
                name="postgres",
                command=command,
                stage="database",
                stop_signal="INT",  # disconnects its clients, loses no committed data
                patience=60,
                user=embedded.postgres_user(),
                after="",
            )
        )
    if uses_embedded_valkey():
        command = embedded.valkey_command(options.var)
        found.append(Program("valkey", command, "store", after=""))
    return found


def _steps(options: Options) -> list[Program]:
    demo = [] if options.demo else ["--no-demo"]
    prepare = _python("-m", "runner.prepare", *demo)
    ready = _python("-m", "runner.ready", f"http://{options.address}")
    return [
        Program("prepare", prepare, "prepare", step=True, after=""),
        Program("ready", ready, "ready", step=True),
    ]


def _workers(options: Options) -> list[Program]:
    fanout = worker_command("fanout", "fanout", FANOUT_PROCESSES)
    background = worker_command("background", BACKGROUND_QUEUES, 1)
    relay = relay_command(schedule=str(options.var / "celerybeat-schedule"))
    return [
        Program("worker-fanout", _python(*fanout), "work", patience=60),
        Program("worker-background", _python(*background), "work", patience=60, after="ready"),
        Program("relay", _python(*relay), "work", patience=30),
    ]


def _herd(options: Options) -> list[Program]:
    # They start at once: they depend on the web only to answer some requests of clients.
    return [
        Program(
            f"herd-{server.name.lower()}",
            _python("-m", "herd", server.name, *_chirp_for_herd(options)),
            "herd",
            after="",
        )
        for server in _herd_servers(options)
    ]


def _herd_servers(options: Options) -> list[settings.Server]:
    return list(settings.load(settings.file()).servers.values()) if options.herd else []


def _chirp_for_herd(options: Options) -> list[str]:
    """The options with which the herd reaches the web: its URL, and a host name that it accepts."""
    if os.environ.get("HTTPS", "").strip().lower() in TRUE:
        return []  # the web answers only at its public address, which the herd's settings contain
    url = reachable(f"http://{options.address}")
    names = [name.strip() for name in os.environ.get("ALLOWED_HOSTS", "").split(",")]
    known = names == [""] or not {"*", urlsplit(url).netloc.rpartition(":")[0]}.isdisjoint(names)
    return ["--chirp", url, *([] if known else ["--chirp-host", _site_name()])]


def _site_name() -> str:
    """A host name that the site accepts: it refuses requests for others."""
    name = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip()
    return "localhost" if name in ("", "*") else name.removeprefix(".")


def _reloaded(program: Program) -> Program:
    later = [] if program.stage == "web" else ["--later"]
    return replace(program, command=_python("-m", "runner.reload", *later, *program.command))


def _web(options: Options) -> Program:
    command = _python(*web_command(options.address, options.workers))
    return Program("web", command, "web", patience=40)
