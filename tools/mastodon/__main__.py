"""`script/tool mastodon URL`: clients of Mastodon against a running Chirp."""

import sys
import tempfile
from pathlib import Path

import tools
from tools.mastodon.clients import run_all


def main() -> int:
    """Run all clients. Return 1 if a call failed."""
    parser = tools.parser(__doc__)
    parser.add_argument("url", help="the base URL of a Chirp with workers")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        results = list(run_all(arguments.url.rstrip("/"), Path(directory), workers=True))
    wrong = [result for result in results if result.wrong]
    for result in results:
        print(f"{result.client}: {result.calls} calls, {'FAILED' if result.wrong else 'ok'}")
    for result in wrong:
        print(f"\n{result.client}\n{result.wrong}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
