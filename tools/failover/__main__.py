"""`python -m tools.failover`: what is lost with a primary, and how long nothing can be written."""

import argparse
import sys

from tools.chaos.running import main
from tools.failover.fault import primary_lost
from tools.failover.site import Site

PARSER = argparse.ArgumentParser(
    prog="python -m tools.failover",
    description="Kills a primary for good under a steady load, and promotes a replica.",
)
PARSER.add_argument(
    "--asynchronous",
    action="store_true",
    help="without synchronous replication, so that acknowledged posts are lost",
)

if __name__ == "__main__":
    synchronous = not PARSER.parse_known_args()[0].asynchronous
    sys.exit(main(PARSER, Site, [primary_lost(synchronous=synchronous)]))
