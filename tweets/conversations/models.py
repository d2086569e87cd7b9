"""The model of conversations of direct tweets."""

from typing import ClassVar

from django.conf import settings
from django.db import models


class Conversation(models.Model):
    """A conversation in which `user` wrote or received direct tweets.

    `newest_id` is the id of the newest of them when it was posted, which orders the list. It may be
    deleted or hidden by now. Direct tweets up to `read_up_to` are read.
    """

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False
    )
    conversation_id = models.BigIntegerField(help_text="The id of its first tweet.")
    newest_id = models.BigIntegerField()
    read_up_to = models.BigIntegerField(default=0)
    objects: ClassVar[models.Manager["Conversation"]] = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "conversation_id"], name="conversation_once")
        ]
        indexes = [
            models.Index(fields=["user", "-newest_id"], name="conversation_of_user"),
            models.Index(
                fields=["user"],
                name="conversation_unread",
                condition=models.Q(newest_id__gt=models.F("read_up_to")),
            ),
        ]
