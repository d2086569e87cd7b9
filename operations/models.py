"""What the processes tell about themselves, for the live page: that they are there, and figures.

In Postgres, because it is the one part that must be there for anybody to look, because processes
on several machines share nothing else, and so that the history is there while Redis is away.
"""

from django.db import models


class Heartbeat(models.Model):
    """When a part was last seen. `place` is the machine or the worker; empty for a server."""

    part = models.CharField(max_length=32)
    instance = models.CharField(max_length=128, blank=True)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["part", "instance"], name="heartbeat_of_a_part")
        ]


class Sample(models.Model):
    """The figures of one machine at a time: totals since it started, and gauges. Kept an hour."""

    at = models.DateTimeField()
    instance = models.CharField(max_length=128)
    figures = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["at", "instance"], name="sample_of_a_time")]
