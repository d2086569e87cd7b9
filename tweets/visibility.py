"""Who may see a tweet. Pure."""

from enum import StrEnum


class Visibility(StrEnum):
    """The audiences. A private account's public tweets are seen as `followers` ones are."""

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
EVERYBODY = (Visibility.PUBLIC, Visibility.UNLISTED)
