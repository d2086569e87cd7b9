"""Concurrency in tests: threads with their own database connections, as workers have them."""

import threading
from collections.abc import Callable

from django.db import connection

Job = Callable[[], object]


def at_once(jobs: list[Job]) -> list[Exception]:
    """Run all jobs concurrently, and return the exceptions that they raised."""
    start, raised = threading.Barrier(len(jobs)), []

    def run(job: Job) -> None:
        try:
            start.wait()
            job()
        except Exception as error:
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised
