"""`script/chaos`: a complete Chirp, a steady load, and one fault after another.

Makes one part after another of a complete Chirp fail under a steady load.
"""

import sys

from tools.chaos.deployment import Deployment
from tools.chaos.faults import FAULTS
from tools.chaos.running import main, parser

if __name__ == "__main__":
    options = parser(__doc__).parse_args()
    sys.exit(main(options, Deployment, FAULTS))
