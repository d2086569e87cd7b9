"""Which authors are pulled. Timelines themselves are copies and live in Redis."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from timelines import policy


class PulledAuthor(models.Model):
    """An author whose tweets readers pull. Authors without a row are pushed.

    While an author is being demoted both happen: new tweets are pushed, and readers still pull,
    until what was not pushed has been. `generation` tells one demotion from the next.
    """

    class State(models.TextChoices):
        PULLED = policy.PULLED, "Pulled"
        DEMOTING = policy.DEMOTING, "Pulled and pushed, on the way to pushed"

    author = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+"
    )
    state = models.CharField(max_length=8, choices=State.choices, default=State.PULLED)
    generation = models.PositiveIntegerField(default=0)
    since = models.DateTimeField(db_default=Now())


class CelebrityOverride(models.Model):
    """An operator's decision about one author, whatever the number of followers."""

    class Decision(models.TextChoices):
        PULL = policy.PULL, "Always pull"
        PUSH = policy.PUSH, "Always push"

    author = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+"
    )
    decision = models.CharField(max_length=4, choices=Decision.choices)
