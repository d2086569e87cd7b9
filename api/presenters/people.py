"""People as JSON, the description of that JSON, and the requests about accounts."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts import validation
from accounts.models import HANDLE_PATTERN, User
from api.request_fields import StrictBooleanField, StrictCharField
from api.times import rfc3339
from people.selectors import NOTHING_BETWEEN, Relationship, relationships

Json = dict[str, Any]


def represent_profile(*, viewer: User | None, user: User, base: str) -> Json:
    """A person as the API tells them to `viewer`; `base` is the site's address without a slash."""
    return represent_profiles(viewer=viewer, users=[user], base=base)[0]


def represent_profiles(*, viewer: User | None, users: Sequence[User], base: str) -> list[Json]:
    """People as the API tells them to `viewer`, in the same order. One query at most."""
    between: dict[int, Relationship] = {}
    if viewer is not None and users:
        between = relationships(viewer=viewer, user_ids=[user.pk for user in users])
        between.pop(viewer.pk, None)  # nothing is between people and themselves
    return [_profile(user, between.get(user.pk), base) for user in users]


def _profile(user: User, between: Relationship | None, base: str) -> Json:
    bare = (between or NOTHING_BETWEEN).blocked_by
    return {
        "id": str(user.pk),
        "handle": user.handle,
        "name": user.name,
        "bio": "" if bare else user.bio,
        "place": "" if bare else user.place,
        "link": "" if bare else user.link,
        "avatar": None,
        "private": user.private,
        "url": f"{base}/@{user.handle}",
        "created_at": rfc3339(user.created_at),
        "counts": {
            "followers": user.followers_count,
            "following": user.following_count,
            "tweets": user.tweets_count,
        },
        "relationship": between and asdict(between),
    }


def represent_me(*, user: User, base: str) -> Json:
    """Somebody's own account: the profile, and what only they see."""
    return {**represent_profile(viewer=user, user=user, base=base), "email": user.email}


class RelationshipSerializer(serializers.Serializer[Any]):
    """How a person stands to who asks."""

    following = serializers.BooleanField()
    followed_by = serializers.BooleanField()
    requested = serializers.BooleanField(help_text="A request to follow is not answered yet.")
    blocking = serializers.BooleanField()
    blocked_by = serializers.BooleanField(help_text="Then bio, place and link are left out.")
    muting = serializers.BooleanField()
    reposts = serializers.BooleanField(help_text="They are followed, reposts included.")


class ProfileCountsSerializer(serializers.Serializer[Any]):
    """Counts of a profile."""

    followers = serializers.IntegerField(min_value=0)
    following = serializers.IntegerField(min_value=0)
    tweets = serializers.IntegerField(min_value=0)


class ProfileSerializer(serializers.Serializer[Any]):
    """A person."""

    id = serializers.CharField()
    handle = serializers.CharField()
    name = serializers.CharField()
    bio = serializers.CharField()
    place = serializers.CharField()
    link = serializers.CharField()
    avatar = serializers.URLField(allow_null=True)
    private = serializers.BooleanField()
    url = serializers.URLField()
    created_at = serializers.DateTimeField()
    counts = ProfileCountsSerializer()
    relationship = RelationshipSerializer(
        allow_null=True, help_text="Null when signed out, and for oneself."
    )


class MeSerializer(ProfileSerializer):
    """One's own account."""

    email = serializers.CharField()


class ProfileChangesSerializer(serializers.Serializer[Any]):
    """What of a profile can be changed."""

    name = StrictCharField(required=False, allow_blank=True, max_length=validation.NAME_LENGTH)
    bio = StrictCharField(required=False, allow_blank=True, max_length=validation.BIO_LENGTH)
    place = StrictCharField(required=False, allow_blank=True, max_length=validation.PLACE_LENGTH)
    link = StrictCharField(
        required=False,
        allow_blank=True,
        max_length=validation.LINK_LENGTH,
        help_text="An http or https address.",
    )
    private = StrictBooleanField(
        required=False, help_text="Followers must be let in. Going public lets in all who asked."
    )


@extend_schema_field({"type": "string", "pattern": HANDLE_PATTERN})
class HandleField(StrictCharField):
    """A handle. Its form is described here and checked by the service."""


@extend_schema_field({"type": "string", "format": "email", "maxLength": validation.EMAIL_LENGTH})
class EmailField(StrictCharField):
    """An e-mail address. Its form is described here and checked by the service."""


class RegistrationSerializer(serializers.Serializer[Any]):
    """A new account."""

    handle = HandleField(help_text="1 to 30 letters (a to z), digits and underscores.")
    email = EmailField()
    password = StrictCharField(max_length=validation.PASSWORD_LENGTH)
    name = StrictCharField(required=False, allow_blank=True, max_length=validation.NAME_LENGTH)


class CredentialsSerializer(serializers.Serializer[Any]):
    """What one signs in with."""

    login = StrictCharField(
        max_length=validation.EMAIL_LENGTH, help_text="Handle or e-mail address."
    )
    password = StrictCharField(max_length=validation.PASSWORD_LENGTH)


class PasswordSerializer(serializers.Serializer[Any]):
    """A confirmation by password."""

    password = StrictCharField(max_length=validation.PASSWORD_LENGTH)


class RefreshSerializer(serializers.Serializer[Any]):
    """A refresh token."""

    refresh = StrictCharField(max_length=4096)


class FollowSerializer(serializers.Serializer[Any]):
    """How to follow."""

    reposts = StrictBooleanField(required=False, help_text="Show what they repost. At first: yes.")


class TokenPairSerializer(serializers.Serializer[Any]):
    """A sign-in."""

    access = serializers.CharField(help_text="For `Authorization: Bearer`; ten minutes.")
    refresh = serializers.CharField(help_text="For the next pair; thirty days, used once.")


class RegisteredSerializer(TokenPairSerializer):
    """A new account, signed in."""

    user = MeSerializer()


class KeySerializer(serializers.Serializer[Any]):
    """A public key (RFC 7517)."""

    kty = serializers.CharField()
    use = serializers.CharField()
    alg = serializers.CharField()
    kid = serializers.CharField()
    n = serializers.CharField()
    e = serializers.CharField()


class KeySetSerializer(serializers.Serializer[Any]):
    """The public keys that tokens are checked with."""

    keys = KeySerializer(many=True)
