"""`script/tool failover`: what is lost with a primary, and how long nothing can be written.

Kills a primary for good under a steady load, and promotes a replica.
"""

import sys

from tests.helpers.pgbouncer import is_installed
from tools.chaos.running import main, parser
from tools.failover.fault import primary_lost, primary_replaced
from tools.failover.pooled import ApartSite, BesideSite
from tools.failover.site import Site

SITES = {"none": Site, "beside": BesideSite, "apart": ApartSite}
PARSER = parser(__doc__)
KINDS = PARSER.add_mutually_exclusive_group()
KINDS.add_argument(
    "--asynchronous",
    action="store_true",
    help="without synchronous replication, so that posts are lost, which is no failure",
)
KINDS.add_argument(
    "--planned",
    action="store_true",
    help="stop the primary instead, which comes back as a replica",
)
PARSER.add_argument(
    "--pooler",
    choices=SITES,
    default="none",
    help="a PgBouncer in front of each server: on its machine, or apart from it",
)

if __name__ == "__main__":
    options = PARSER.parse_args()
    if options.pooler != "none" and not is_installed():
        sys.exit("PgBouncer is not installed: apt install pgbouncer.")
    lost = primary_lost(synchronous=not options.asynchronous)
    fault = primary_replaced() if options.planned else lost
    sys.exit(main(options, SITES[options.pooler], [fault]))
