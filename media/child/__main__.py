"""`python -m media.child JOB`: process one upload within limits, and print the result."""

import resource
import sys
from collections.abc import Callable

from chirp.texts import text as _
from media.child.job import Job, Refused, Result


def main(text: str) -> None:
    """Run the job and print its result."""
    job = Job.load(text)
    limit(job)
    print(run(job).dump())  # noqa: T201 - this is how the parent gets it


def limit(job: Job) -> None:
    """Bound memory, time and files of this process, before any library is loaded."""
    for what, most in (
        (resource.RLIMIT_AS, job.memory_bytes),
        (resource.RLIMIT_FSIZE, job.file_bytes),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    # At the first limit SIGXCPU ends it, which the parent can tell from a SIGKILL by others.
    resource.setrlimit(resource.RLIMIT_CPU, (job.cpu_seconds, job.cpu_seconds + 5))


def processor(job: Job) -> Callable[[Job], Result]:
    """What processes this kind of file. Its libraries are loaded only here, within the limits."""
    if job.kind == "image":
        from media.child import pictures

        return pictures.process
    from media.child import films

    return films.process_animation if job.kind == "gif" else films.process


def run(job: Job) -> Result:
    """Return the result; a file that cannot be used has an `error`."""
    try:
        return processor(job)(job)
    except Refused as refused:
        return Result(error=str(refused))
    except MemoryError:
        return Result(error=_("The file takes too much memory."))


if __name__ == "__main__":
    main(sys.argv[1])
