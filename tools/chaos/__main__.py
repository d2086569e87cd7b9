"""`script/chaos`: a complete Chirp, a steady load, and one fault after another."""

import argparse
import sys

from tools.chaos.deployment import Deployment
from tools.chaos.faults import FAULTS
from tools.chaos.running import main

PARSER = argparse.ArgumentParser(
    prog="script/chaos",
    description="Makes one part after another of a complete Chirp fail under a steady load.",
)

if __name__ == "__main__":
    sys.exit(main(PARSER, Deployment, FAULTS))
