"""`python -m tools.replicas`: a primary with two replicas, and what happens to them."""

import argparse
import sys

from tests.helpers.pgbouncer import is_installed
from tools.chaos.running import main
from tools.replicas.faults import FAULTS
from tools.replicas.site import Site

PARSER = argparse.ArgumentParser(
    prog="python -m tools.replicas",
    description="Kills, freezes and delays a primary and its replicas under a steady load.",
)

if __name__ == "__main__":
    if not is_installed():
        sys.exit("PgBouncer is not installed: apt install pgbouncer.")
    sys.exit(main(PARSER, Site, FAULTS))
