"""The models of polls and votes."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from tweets.polls.rules import CHOICE_LENGTH, MAX_CHOICES


class Poll(models.Model):
    """The poll of a tweet, with the id of the tweet.

    `votes` counts the votes for each of `choices`, and `voters` the accounts that voted. They count
    what was cast: a vote stays counted when its account is deactivated, and once the poll is over
    also when it is deleted. `ended_at` is when the end was announced; the poll is over from
    `ends_at` on.
    """

    tweet = models.OneToOneField(
        "tweets.Tweet", models.CASCADE, primary_key=True, related_name="poll"
    )
    choices = ArrayField(models.CharField(max_length=CHOICE_LENGTH), size=MAX_CHOICES)
    votes = ArrayField(models.PositiveIntegerField(), size=MAX_CHOICES)
    voters = models.PositiveIntegerField(default=0)
    multiple = models.BooleanField(default=False)
    hide_results = models.BooleanField(default=False)
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    objects: ClassVar[models.Manager["Poll"]] = models.Manager()

    class Meta:
        indexes = [
            models.Index(fields=["ends_at"], name="poll_due", condition=Q(ended_at=None)),
        ]


class PollVote(models.Model):
    """The vote of an account: the numbers of what it chose, from 0."""

    id = models.BigAutoField(primary_key=True)
    poll = models.ForeignKey(Poll, models.CASCADE, related_name="vote_rows", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    choices = ArrayField(models.PositiveSmallIntegerField(), size=MAX_CHOICES)
    created_at = models.DateTimeField(db_default=Now())
    objects: ClassVar[models.Manager["PollVote"]] = models.Manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["poll", "user"], name="vote_once")]
