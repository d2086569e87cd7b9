"""Chirp's settings, with the URLs and tasks of the naive variants."""

from chirp.settings import *  # noqa: F403
from chirp.settings import (
    BASE_DIR,
    CELERY_TASK_ROUTES,
    INSTALLED_APPS,
    OUTBOX_ROUTES,
    TEMPLATES,
)

ROOT_URLCONF = "bench.urls"
INSTALLED_APPS = [*INSTALLED_APPS, "bench.naive"]
OUTBOX_ROUTES = {
    **OUTBOX_ROUTES,
    "bench.posted": ["bench.fan_out_alone"],
    "bench.posted_to_timelines": ["timelines.fan_out"],
}
CELERY_TASK_ROUTES = {**CELERY_TASK_ROUTES, "bench.*": {"queue": "fanout"}}
ACCESS_TOKEN_MINUTES = 120  # one token for the whole run
TEMPLATES = [
    {**TEMPLATES[0], "DIRS": [BASE_DIR / "templates", BASE_DIR / "bench" / "templates"]},
    *TEMPLATES[1:],
]
