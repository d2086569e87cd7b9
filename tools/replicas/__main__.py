"""`script/tool replicas`: a primary with two replicas, and what happens to them.

Kills, freezes and delays a primary and its replicas under a steady load.
"""

import sys

from tests.helpers.pgbouncer import is_installed
from tools.chaos.running import main, parser
from tools.replicas.faults import FAULTS
from tools.replicas.site import Site

if __name__ == "__main__":
    options = parser(__doc__).parse_args()
    if not is_installed():
        sys.exit("PgBouncer is not installed: apt install pgbouncer.")
    sys.exit(main(options, Site, FAULTS))
