"""`script/tool balancer`: several web servers behind HAProxy, and what happens to them.

Kills, freezes and restarts web servers behind HAProxy under a steady load.
"""

import shutil
import sys

from tools.balancer.faults import FAULTS
from tools.balancer.site import Site
from tools.chaos.running import main, parser

if __name__ == "__main__":
    options = parser(__doc__).parse_args()
    if not shutil.which("haproxy"):
        sys.exit("HAProxy is not installed: apt install haproxy.")
    sys.exit(main(options, Site, FAULTS))
