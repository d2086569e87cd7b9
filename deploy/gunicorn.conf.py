"""The web server's settings, both for `script/run` and for the container."""

import os
import time

from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker

from chirp import gc_tuning
from chirp.settings import LOGGING

worker_class = "chirp.web_worker.WebWorker"  # waitress behind the sockets, gunicorn around it
preload_app = True  # loads the application once for all processes, which share its memory
timeout = 120  # seconds after which a process whose view hangs is replaced
graceful_timeout = 30
# Processes are replaced from time to time, not all at once, so that memory leaks cannot grow.
max_requests = 10_000
max_requests_jitter = 1_000
# gunicorn's heartbeat files are in memory if possible: a busy disk must not look like a hang.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108
# Django's settings decide whether to trust a proxy's header with the scheme, not gunicorn.
forwarded_allow_ips = ""
control_socket_disable = True
# chirp.observability.request_middleware writes a line for each request, with the request's id.
accesslog = None
logconfig_dict = LOGGING


def when_ready(server: Arbiter) -> None:
    """Load views and templates before the processes fork, not at the first requests of each."""
    from web.preloading import preload  # needs the application, which has been loaded by now

    gc_tuning.pause()
    preload()
    gc_tuning.settle()


def post_fork(server: Arbiter, worker: Worker) -> None:
    """Start the heartbeat of a new process, which the live page in the admin shows."""
    from operations import heartbeat

    heartbeat.start_web(lambda: max(0.0, time.monotonic() - worker.tmp.last_update()))


def on_exit(server: Arbiter) -> None:
    """Forget processes that had to be killed when the web server was stopped."""
    from operations import heartbeat

    heartbeat.forget_web()


# The largest value that gunicorn allows. For longer lines it sends its own 414, which is not JSON.
limit_request_line = 8190
