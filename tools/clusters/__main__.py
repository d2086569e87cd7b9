"""`script/tool clusters`: clusters of RabbitMQ and Valkey, and what happens to their nodes.

Kills and freezes nodes of RabbitMQ and Valkey, and moves slots, under a load.
"""

import sys

from tests.helpers.rabbitmq import is_installed
from tools.chaos.running import main, parser
from tools.clusters.faults import FAULTS
from tools.clusters.site import Site

if __name__ == "__main__":
    options = parser(__doc__).parse_args()
    if not is_installed():
        sys.exit("RabbitMQ is not installed: apt install rabbitmq-server.")
    sys.exit(main(options, Site, FAULTS))
