"""The web server's settings, for `script/run` and for the container alike."""

import os
import socket

from django.urls import get_resolver
from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker

from chirp import gc_tuning
from chirp.settings import LOGGING

worker_class = "sync"  # one request per process: threads only queue for the interpreter lock
preload_app = True  # loaded once and shared, instead of once in every process
timeout = 60
graceful_timeout = 30
# Processes are replaced now and then, not all at once, so that no leak can grow.
max_requests = 10_000
max_requests_jitter = 1_000
# Heartbeats go to memory where there is some: a busy disk must not look like a hung process.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108
# Whether a proxy is to be believed about the client's scheme is decided by Django's settings.
forwarded_allow_ips = ""
control_socket_disable = True
# chirp.observability.request_middleware writes a line for each request, with the request's id.
accesslog = None
logconfig_dict = LOGGING


def when_ready(server: Arbiter) -> None:
    """Load every view before the processes fork, instead of at each one's first request."""
    assert get_resolver().url_patterns
    gc_tuning.settle()


def post_fork(server: Arbiter, worker: Worker) -> None:
    """Let the new process be seen, on the live page of the admin."""
    from operations import heartbeat  # needs the application, which is loaded by now

    heartbeat.start("web")


def on_exit(server: Arbiter) -> None:
    """All of its processes have ended as they should: nobody has to miss them."""
    from operations import heartbeat

    heartbeat.HeartbeatJob("web", socket.gethostname()).leave()


# The most that gunicorn allows: past it, it answers 414 by itself, and not in JSON.
limit_request_line = 8190
