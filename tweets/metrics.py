"""Metrics of tweets: the partitions, on a site that has them."""

from chirp.observability.metrics import gauge
from tweets import partitions

gauge(
    "chirp_tweets_partition_days",
    "Days that the newest partition of tweets has been in use. Left out without partitions.",
    partitions.newest_days,
)
