"""`script/tool migrations`: refuses migrations that would stop a running site.

It reads their SQL, and needs no server. CONTRIBUTING.md says how to write them.
"""

import os
import sys

import django

import tools


def main() -> int:
    """Print what is wrong with new migrations, and return the exit status."""
    tools.parser(__doc__).parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chirp.settings")
    django.setup()
    from tools.migrations.checking import check, new_migrations

    problems = [problem for each in new_migrations() for problem in check(*each)]
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
