"""`python -m tools.clusters`: clusters of RabbitMQ and Valkey, and what happens to their nodes."""

import argparse
import sys

from tests.helpers.rabbitmq import is_installed
from tools.chaos.running import main
from tools.clusters.faults import FAULTS
from tools.clusters.site import Site

PARSER = argparse.ArgumentParser(
    prog="python -m tools.clusters",
    description="Kills and freezes nodes of RabbitMQ and Valkey, and moves slots, under a load.",
)

if __name__ == "__main__":
    if not is_installed():
        sys.exit("RabbitMQ is not installed: apt install rabbitmq-server.")
    sys.exit(main(PARSER, Site, FAULTS))
