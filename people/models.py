"""Follows, blocks and mutes between accounts, and private notes."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.models import User


class Follow(models.Model):
    """A follow of `followee` by `follower`, or a follow request.

    `since_id` is drawn from the id space of tweets when the follow is accepted, so that rules can
    compare a tweet with the follow exactly. It is null while a request to a private account is
    pending.
    """

    id = models.BigAutoField(primary_key=True)
    follower = models.ForeignKey(User, models.CASCADE, related_name="follows_out", db_index=False)
    followee = models.ForeignKey(User, models.CASCADE, related_name="follows_in", db_index=False)
    since_id = models.BigIntegerField(null=True)
    reposts = models.BooleanField(default=True, help_text="Show what the followee reposts.")
    notify = models.BooleanField(
        default=False, db_default=False, help_text="Notify the follower of new tweets."
    )
    featured = models.BooleanField(
        default=False, db_default=False, help_text="Show the followee on the follower's profile."
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["follower", "followee"], name="follow_once"),
            models.CheckConstraint(condition=~Q(follower=F("followee")), name="follow_not_self"),
        ]
        indexes = [
            # For the fan-out, which reads an author's followers in key order.
            models.Index(fields=["followee", "follower"], name="follow_walk"),
            # For the followers who want a notification of each tweet, who are few.
            models.Index(
                fields=["followee", "follower"], name="follow_notify", condition=Q(notify=True)
            ),
            # For pages of followers and followees. The condition, which is always true, keeps the
            # indexes from being used to look up one follow: the planner may take them for cheaper
            # than follow_once, and read all follows of one of the two accounts.
            models.Index(
                fields=["followee", "-id"], name="follow_followers_page", condition=Q(id__gt=0)
            ),
            models.Index(
                fields=["follower", "-id"], name="follow_following_page", condition=Q(id__gt=0)
            ),
            # For the people on a profile, who are few.
            models.Index(
                fields=["follower", "-id"], name="follow_featured", condition=Q(featured=True)
            ),
            # For the admin, which lists all requests.
            models.Index(fields=["-id"], name="follow_requests", condition=Q(since_id=None)),
        ]


class Block(models.Model):
    """A block of `blocked` by `blocker`: neither sees the tweets of the other."""

    id = models.BigAutoField(primary_key=True)
    blocker = models.ForeignKey(User, models.CASCADE, related_name="blocks_out", db_index=False)
    blocked = models.ForeignKey(User, models.CASCADE, related_name="blocks_in", db_index=False)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["blocker", "blocked"], name="block_once"),
            models.CheckConstraint(condition=~Q(blocker=F("blocked")), name="block_not_self"),
        ]
        # With both columns, so that no lookup of one block reads all blocks of an account.
        indexes = [models.Index(fields=["blocked", "blocker"], name="block_backwards")]


class Mute(models.Model):
    """A mute of `muted` by `muter`: it hides tweets from the muter, without notice to the other."""

    id = models.BigAutoField(primary_key=True)
    muter = models.ForeignKey(User, models.CASCADE, related_name="mutes_out", db_index=False)
    muted = models.ForeignKey(User, models.CASCADE, related_name="mutes_in", db_index=False)
    created_at = models.DateTimeField(db_default=Now())
    until = models.DateTimeField(null=True, help_text="When the mute ends; empty for never.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["muter", "muted"], name="mute_once"),
            models.CheckConstraint(condition=~Q(muter=F("muted")), name="mute_not_self"),
        ]
        indexes = [
            models.Index(fields=["muted", "muter"], name="mute_backwards"),
            models.Index(fields=["until"], name="mute_ends", condition=Q(until__isnull=False)),
        ]


class PrivateNote(models.Model):
    """What an account notes about another one, for its own eyes."""

    id = models.BigAutoField(primary_key=True)
    author = models.ForeignKey(User, models.CASCADE, related_name="+", db_index=False)
    about = models.ForeignKey(User, models.CASCADE, related_name="+")
    text = models.TextField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["author", "about"], name="private_note_once"),
            models.CheckConstraint(condition=~Q(author=F("about")), name="private_note_not_self"),
        ]

    def __str__(self) -> str:
        return f"private note #{self.pk}"
