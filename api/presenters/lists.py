"""Lists of people and followed hashtags as JSON, and their serializers."""

from typing import Any

from rest_framework import serializers

from api.request_fields import StrictBooleanField, StrictCharField
from lists.models import NAME_LENGTH, PeopleList

Json = dict[str, Any]


def represent(found: Any, *, base: str) -> Json:
    """The JSON of a list that lists.selectors returned. `base` is the site's base URL."""
    return {
        "id": str(found.pk),
        "url": f"{base}/lists/{found.pk}",
        "name": found.name,
        "owner": found.owner.handle,
        "private": found.private,
        "exclusive": found.exclusive,
        "members": found.size,
    }


class ListSerializer(serializers.Serializer[PeopleList]):
    """A list of people."""

    id = serializers.CharField()
    url = serializers.URLField()
    name = serializers.CharField()
    owner = serializers.CharField(help_text="The handle of its owner.")
    private = serializers.BooleanField(help_text="Only its owner can read it.")
    exclusive = serializers.BooleanField(
        help_text="The tweets of its members are left out of the owner's home timeline."
    )
    members = serializers.IntegerField(min_value=0, help_text="The number of people on it.")


class ChangeListSerializer(serializers.Serializer[Any]):
    """Changes to a list. Omitted fields keep their values."""

    name = StrictCharField(max_length=4 * NAME_LENGTH, required=False)
    private = StrictBooleanField(required=False, help_text="Only its owner can read it.")
    exclusive = StrictBooleanField(
        required=False, help_text="Leave the tweets of its members out of the home timeline."
    )


class NewListSerializer(ChangeListSerializer):
    """A new list. It is private unless the request says otherwise."""

    name = StrictCharField(
        max_length=4 * NAME_LENGTH, help_text=f"At most {NAME_LENGTH} characters."
    )


class MemberSerializer(serializers.Serializer[Any]):
    """Whether a person is on a list."""

    member = serializers.BooleanField()


class FollowedHashtagSerializer(serializers.Serializer[Any]):
    """A hashtag, and whether the viewer follows it."""

    tag = serializers.CharField(help_text="Without the #, in lower case.")
    following = serializers.BooleanField()


class FeaturedHashtagSerializer(serializers.Serializer[Any]):
    """A hashtag on a profile."""

    tag = serializers.CharField(help_text="Without the #, in lower case.")
    tweets = serializers.IntegerField(
        min_value=0, help_text="How many public tweets of the user have it."
    )


class FeaturedHashtagsSerializer(serializers.Serializer[Any]):
    """The hashtags on a profile."""

    results = FeaturedHashtagSerializer(many=True)


class ChangedHashtagSerializer(serializers.Serializer[Any]):
    """A hashtag, and whether the profile of the viewer shows it."""

    tag = serializers.CharField(help_text="Without the #, in lower case.")
    featured = serializers.BooleanField()
