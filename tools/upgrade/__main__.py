"""`script/tool upgrade COMMIT`: whether a version can be upgraded without downtime."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import tools
from runner.embedded.paths import EmbeddedError
from tools.chaos.deployment import CHECKOUT, running_deployment
from tools.upgrade import schema
from tools.upgrade.site import OLD, CannotRun, Site, Version
from tools.upgrade.tour import Tour


class Upgrade:
    """The steps of an upgrade, each with a line that is printed."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.wrong: list[str] = []
        self._tweets: list[str] = []
        self._noted = time.monotonic()

    def run(self) -> list[str]:
        """Go through all steps, and return what is wrong."""
        old_url, new_url = self.site.old_url, self.site.url_of_new
        print(f"{'step':56}{'requests':>9}{'wrong':>7}{'seconds':>9}", flush=True)
        self._visit("the old version, old tables", old_url, old_url)
        self._migrate()
        self._visit("the old version, new tables", old_url, old_url)
        self.site.start_new_web()
        self._visit("old workers; old web writes, new web reads", old_url, new_url)
        self._visit("old workers; new web writes, old web reads", new_url, old_url)
        self.site.replace_workers()
        self._visit("new workers; old web writes, new web reads", old_url, new_url)
        self._visit("new workers; new web writes, old web reads", new_url, old_url)
        self._visit("the new version", new_url, new_url)
        self._note("errors in logs", 0, self.site.errors())
        return self.wrong

    def _migrate(self) -> None:
        """Migrate while the old version is used."""
        url, used = os.environ["DATABASE_URL"], self.site.old.used_columns()
        before = schema.read(url)
        during = _Meanwhile(lambda: self._tour(self.site.old_url, self.site.old_url))
        during.start()
        try:
            self.site.new.manage("migrate")
        finally:
            during.finish()
        self._note("the old version, while migrations run", during.requests, during.wrong)
        self._note("tables", 0, schema.problems(before, schema.read(url), used))

    def _visit(self, step: str, author_url: str, reader_url: str) -> None:
        tour = self._tour(author_url, reader_url)
        self._note(step, tour.requests, tour.wrong)

    def _tour(self, author_url: str, reader_url: str) -> Tour:
        tour = Tour(author_url, reader_url)
        posted = tour.run(self._tweets)
        self._tweets.append(posted)
        return tour

    def _note(self, step: str, requests: int, wrong: list[str]) -> None:
        took, self._noted = time.monotonic() - self._noted, time.monotonic()
        print(f"{step:56}{requests:9}{len(wrong):7}{took:9.1f}", flush=True)
        for each in wrong[:10]:
            print(f"    {each}", flush=True)
        self.wrong += wrong


class _Meanwhile(threading.Thread):
    """Repeats a tour until `finish`: at least one of them, and to its end."""

    def __init__(self, tour: Callable[[], Tour]) -> None:
        super().__init__(daemon=True)
        self.requests = 0
        self.wrong: list[str] = []
        self._tour = tour
        self._stopping = threading.Event()

    def run(self) -> None:
        """Tour again and again."""
        while not self._stopping.is_set():
            tour = self._tour()
            self.requests += tour.requests
            self.wrong += tour.wrong

    def finish(self) -> None:
        """Wait for the end of the last tour."""
        self._stopping.set()
        self.join()


def main() -> int:
    """Upgrade from a commit, and return the exit status: 1 if anything is wrong."""
    parser = tools.parser(__doc__)
    parser.add_argument("commit", help="the old version: a commit or tag of this repository")
    parser.add_argument("--logs", type=Path, help="copy the logs of all processes there")
    options = parser.parse_args()
    # On SIGTERM, still stop all servers and processes that were started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    os.environ["DJANGO_SETTINGS_MODULE"] = "chirp.settings"
    with ExitStack() as stack:
        var = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chirp-upgrade-")))
        old = _checked_out(options.commit, Path(stack.enter_context(tempfile.TemporaryDirectory())))
        os.environ[OLD] = str(old)
        if options.logs:
            stack.callback(shutil.copytree, var / "log", options.logs, dirs_exist_ok=True)
        try:
            prepare = partial(_prepare, Version(old, var / "old"))
            site = stack.enter_context(running_deployment(var, prepare, Site))
            stack.callback(site.stop_new)
            return 1 if Upgrade(site).run() else 0
        except (CannotRun, EmbeddedError) as reason:
            text = str(reason).rstrip(".")
            print(f"{options.commit} cannot be upgraded to this version: {text}.")
            return 1


def _prepare(version: Version) -> None:
    version.manage("migrate")
    version.manage("collectstatic", "--no-input")


def _checked_out(commit: str, folder: Path) -> Path:
    """Put the files of a commit into a folder. Ends the program if the history lacks it."""
    command = ["git", "-C", str(CHECKOUT), "archive", commit]
    archive = subprocess.run(command, capture_output=True, check=False)
    if archive.returncode:
        sys.exit(f"There is no version {commit} here: {archive.stderr.decode().strip()}")
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive.stdout, check=True)
    return folder


if __name__ == "__main__":
    sys.exit(main())
