"""The edges between people: follows, blocks and mutes."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.models import User


class Follow(models.Model):
    """`follower` reads `followee`, or has asked to.

    `since_id` is the id that was drawn when the follow was accepted, so that rules can say "newer
    than the follow" exactly; it is null while a private account has not answered the request.
    """

    id = models.BigAutoField(primary_key=True)
    follower = models.ForeignKey(User, models.CASCADE, related_name="follows_out", db_index=False)
    followee = models.ForeignKey(User, models.CASCADE, related_name="follows_in", db_index=False)
    since_id = models.BigIntegerField(null=True)
    reposts = models.BooleanField(default=True, help_text="Show what the followee reposts.")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["follower", "followee"], name="follow_once"),
            models.CheckConstraint(condition=~Q(follower=F("followee")), name="follow_not_self"),
        ]
        indexes = [
            # The walk of a fan-out over an author's followers, in key order.
            models.Index(fields=["followee", "follower"], name="follow_walk"),
            models.Index(fields=["followee", "-id"], name="follow_followers_page"),
            models.Index(fields=["follower", "-id"], name="follow_following_page"),
        ]


class Block(models.Model):
    """`blocker` wants nothing to do with `blocked`: neither sees the other's tweets."""

    id = models.BigAutoField(primary_key=True)
    blocker = models.ForeignKey(User, models.CASCADE, related_name="blocks_out", db_index=False)
    blocked = models.ForeignKey(User, models.CASCADE, related_name="blocks_in")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["blocker", "blocked"], name="block_once"),
            models.CheckConstraint(condition=~Q(blocker=F("blocked")), name="block_not_self"),
        ]


class Mute(models.Model):
    """`muter` does not want to read `muted`, who is not told."""

    id = models.BigAutoField(primary_key=True)
    muter = models.ForeignKey(User, models.CASCADE, related_name="mutes_out", db_index=False)
    muted = models.ForeignKey(User, models.CASCADE, related_name="mutes_in")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["muter", "muted"], name="mute_once"),
            models.CheckConstraint(condition=~Q(muter=F("muted")), name="mute_not_self"),
        ]
