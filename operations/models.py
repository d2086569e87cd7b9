"""Heartbeats and metrics that processes record, for the status page and the live page.

They are stored in Postgres, because the admin cannot be used without it anyway, because processes
on several machines share nothing else, and so that the history is available while Redis is down.
"""

from django.db import models


class Heartbeat(models.Model):
    """When a component was last seen: the registry of all processes.

    `part` is the component, such as "web" or "redis". `instance` is the name of the machine or the
    worker; it is empty for a server. `version` is Chirp's, and `since` is when the process started;
    both are unknown of a server.
    """

    part = models.CharField(max_length=32)
    instance = models.CharField(max_length=128, blank=True)
    version = models.CharField(max_length=32, blank=True)
    since = models.DateTimeField(null=True)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["part", "instance"], name="heartbeat_of_a_part")
        ]


class Sample(models.Model):
    """The metrics of a machine at one time: totals since it started, and gauges. Kept an hour."""

    at = models.DateTimeField()
    instance = models.CharField(max_length=128)
    figures = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["at", "instance"], name="sample_of_a_time")]
