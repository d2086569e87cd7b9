"""Lists of people, their members, and the hashtags that an account follows or features."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

NAME_LENGTH = 60


class PeopleList(models.Model):
    """A list of people that one account keeps, with a timeline of its own.

    Others may read a list that is not private. An exclusive list takes the tweets of its members
    out of the owner's home timeline.
    """

    id = models.BigAutoField(primary_key=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="lists")
    name = models.CharField(max_length=NAME_LENGTH)
    private = models.BooleanField(default=True)
    exclusive = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now())
    objects: ClassVar[models.Manager["PeopleList"]] = models.Manager()


class ListMember(models.Model):
    """A person on a list."""

    id = models.BigAutoField(primary_key=True)
    list = models.ForeignKey(PeopleList, models.CASCADE, related_name="members", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    objects: ClassVar[models.Manager["ListMember"]] = models.Manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["list", "user"], name="list_member_once")]
        indexes = [models.Index(fields=["list", "-id"], name="list_members_page")]


class HashtagFollow(models.Model):
    """A hashtag that an account follows, in the form that `normalize_tag` returns."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False
    )
    tag = models.CharField(max_length=100)
    created_at = models.DateTimeField(db_default=Now())
    objects: ClassVar[models.Manager["HashtagFollow"]] = models.Manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "tag"], name="hashtag_follow_once")]
        indexes = [models.Index(fields=["user", "-id"], name="hashtag_follows_page")]


class FeaturedHashtag(models.Model):
    """A hashtag that an account shows on its profile, in the form that `normalize_tag` returns."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False
    )
    tag = models.CharField(max_length=100)
    created_at = models.DateTimeField(db_default=Now())
    objects: ClassVar[models.Manager["FeaturedHashtag"]] = models.Manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "tag"], name="hashtag_feature_once")]
