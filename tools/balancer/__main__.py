"""`python -m tools.balancer`: several web servers behind HAProxy, and what happens to them."""

import argparse
import shutil
import sys

from tools.balancer.faults import FAULTS
from tools.balancer.site import Site
from tools.chaos.running import main

PARSER = argparse.ArgumentParser(
    prog="python -m tools.balancer",
    description="Kills, freezes and restarts web servers behind HAProxy under a steady load.",
)

if __name__ == "__main__":
    if not shutil.which("haproxy"):
        sys.exit("HAProxy is not installed: apt install haproxy.")
    sys.exit(main(PARSER, Site, FAULTS))
