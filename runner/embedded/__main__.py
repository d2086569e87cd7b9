"""`python -m runner.embedded COMMAND ...`: run a command with two embedded servers of its own.

The servers start empty, and are removed afterwards. The exit status is the command's.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from runner.embedded import running


def main(command: Sequence[str]) -> int:
    """Run the command, and return its exit status."""
    with tempfile.TemporaryDirectory(prefix="chirp-") as folder:
        environment = os.environ | {"VAR_DIR": folder}
        with running(Path(folder), fast=True):
            return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
