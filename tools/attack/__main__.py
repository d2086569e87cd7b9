"""`script/attack`: our own attacks against a running site."""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import requests

MOST_LINES = 20  # of what was wrong, for each attack


def main() -> int:
    """Run the chosen attacks. Returns the exit status: 1 if the site did not hold."""
    parser = argparse.ArgumentParser(
        prog="script/attack",
        description="Attacks on a running site. Prints `ok` or `FAIL` for each.",
        epilog="It registers accounts, posts, and guesses passwords: not for a site in use. The "
        "rate limits have to be off: docs/attacks.md.",
    )
    parser.add_argument("base", nargs="?", help="such as http://127.0.0.1:8000")
    parser.add_argument("names", nargs="*", help="attacks or kinds, as listed by --list")
    parser.add_argument("--short", action="store_true", help="fewer values, clients and audiences")
    parser.add_argument("--list", action="store_true", help="list the attacks and exit")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chirp.settings")
    import django

    django.setup()  # for the list of pages; no database is needed
    from tools.attack.catalogue import ATTACKS, chosen
    from tools.attack.target import Target

    if options.list:
        for name, attack in ATTACKS.items():
            print(f"{name:24} {(attack.__doc__ or '').splitlines()[0]}")
        return 0
    if not options.base:
        parser.error("which site? Give its address, such as http://127.0.0.1:8000.")
    try:
        attacks = chosen(options.names)
    except KeyError as error:
        parser.error(f"no such attack: {error.args[0]}. --list names them.")
    login, _, password = os.environ.get("ATTACK_STAFF", "").partition(":")
    key = os.environ.get("ATTACK_JWT_KEY", "")
    target = Target(
        options.base,
        staff=(login, password) if password else None,
        jwt_key=Path(key).read_text() if key else "",
        short=options.short,
    )
    failed = 0
    for name, attack in attacks.items():
        started = time.monotonic()
        line, wrong = run(attack(target))
        print(f"{line:4}  {name:24} {time.monotonic() - started:6.1f} s  {wrong[0]}", flush=True)
        for each in wrong[1:MOST_LINES]:
            print(f"      {each}")
        if len(wrong) > MOST_LINES:
            print(f"      ... and {len(wrong) - MOST_LINES} more")
        failed += line == "FAIL"
    return 1 if failed else 0


def run(found: Iterator[str]) -> tuple[str, list[str]]:
    """Run one attack: `ok`, `FAIL` or `SKIP`, and what was seen."""
    from tools.attack.target import Limited, Skipped

    wrong: list[str] = []
    skipped = ""
    try:
        wrong.extend(found)
    except Skipped as reason:
        skipped = str(reason)
    except (Limited, requests.RequestException, OSError) as error:
        wrong.append(f"it could not go on: {error}")
    if wrong:
        return "FAIL", wrong
    return ("SKIP", [skipped]) if skipped else ("ok", [""])


if __name__ == "__main__":
    sys.exit(main())
