"""The authors who are pulled. Timelines themselves are copies, and are stored in Redis."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from timelines import policy


class PulledAuthor(models.Model):
    """An author whose tweets readers pull. Authors without a row are pushed.

    While an author is being demoted, new tweets are pushed and readers still pull, until the
    earlier tweets have been merged into all timelines. `generation` identifies the demotion.
    """

    class State(models.TextChoices):
        PULLED = policy.PULLED, "Pulled"
        DEMOTING = policy.DEMOTING, "Being demoted: pushed and still pulled"

    author = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+"
    )
    state = models.CharField(max_length=8, choices=State.choices, default=State.PULLED)
    generation = models.PositiveIntegerField(default=0)
    since = models.DateTimeField(db_default=Now())


class CelebrityOverride(models.Model):
    """An operator's decision about one author, regardless of the number of followers."""

    class Decision(models.TextChoices):
        PULL = policy.PULL, "Always pull"
        PUSH = policy.PUSH, "Always push"

    author = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+"
    )
    decision = models.CharField(max_length=4, choices=Decision.choices)
