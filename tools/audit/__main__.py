"""`script/audit`: accessibility, Lighthouse, weight and speed of the pages of a running site."""

import argparse
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tools.audit.parts import Seen

# Pages that have to be quick: all parts but axe look at these alone.
FIVE = ("landing", "home", "thread", "profile", "explore")
MOST_LINES = 8  # for each page


def main() -> int:
    """Run the chosen parts. Returns the exit status: 1 if a page is not as it has to be."""
    parser = argparse.ArgumentParser(
        prog="script/audit",
        description="Looks at every page of a running site with axe-core, and at five of them "
        "with Lighthouse; weighs those and measures how soon they answer. Prints a table.",
        epilog="The account should have a busy home timeline, as the guest of the demo has.",
    )
    parser.add_argument("site", help="its URL, such as http://127.0.0.1:8000")
    parser.add_argument("login", help="the handle of an account")
    parser.add_argument("password")
    parser.add_argument("--parts", nargs="+", help="of axe, lighthouse, weight, speed")
    parser.add_argument("--only", nargs="+", metavar="PAGE", help="pages by the names in the table")
    asked = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chirp.settings")
    from tools.audit.browser import sign_in, viewing
    from tools.audit.pages import pages
    from tools.audit.parts import PARTS, Audit

    if unknown := set(asked.parts or ()) - PARTS.keys():
        parser.error(f"there is no part {', '.join(unknown)}.")
    session = sign_in(asked.site, asked.login, asked.password)
    there, empty = pages(session, asked.site, asked.login)
    if empty:
        print(f"The site has nothing to show on: {', '.join(empty)}")
    failed = 0
    with viewing(asked.site) as viewer:
        audit = Audit(asked.site, session, viewer)
        for part in asked.parts or PARTS:
            print(f"\n{part}")
            for page in there:
                if page.name in (asked.only or (FIVE if part != "axe" else (page.name,))):
                    failed += not show(page.name, list(PARTS[part](audit, page)))
    print(f"\n{failed} failed" if failed else "\nAll is well.")
    return 1 if failed else 0


def show(name: str, seen: "list[Seen]") -> bool:
    """Print what was seen of a page. Returns whether all is well."""
    well = all(one.well for one in seen)
    lines = [one.line for one in seen[:MOST_LINES]] or [""]
    print(f"{'ok' if well else 'FAIL':5} {name:22} {lines[0]}")
    for line in lines[1:]:
        print(f"{'':28} {line}")
    if len(seen) > MOST_LINES:
        print(f"{'':28} ... and {len(seen) - MOST_LINES} more")
    sys.stdout.flush()
    return well


if __name__ == "__main__":
    sys.exit(main())
