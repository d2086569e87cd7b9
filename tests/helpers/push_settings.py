"""The settings of Chirp, for processes that send to a push service of tests on this machine."""

import os

from chirp.settings import *  # noqa: F403

OUTBOUND_TEST_SERVERS = (os.environ["PUSH_TEST_SERVER"],)
