"""The visibility of tweets. No Django."""

from enum import StrEnum


class Visibility(StrEnum):
    """The possible audiences of a tweet.

    Public and unlisted tweets of a private account have the same audience as `followers`.
    """

    PUBLIC = "public"
    UNLISTED = "unlisted"
    FOLLOWERS = "followers"
    DIRECT = "direct"


VALUES = tuple(visibility.value for visibility in Visibility)
CHOICES = [
    (Visibility.PUBLIC.value, "Everybody"),
    (Visibility.UNLISTED.value, "Everybody, but not in public timelines"),
    (Visibility.FOLLOWERS.value, "Followers"),
    (Visibility.DIRECT.value, "The people mentioned"),
]
PUBLIC_OR_UNLISTED = (Visibility.PUBLIC, Visibility.UNLISTED)
