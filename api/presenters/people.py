"""Users as JSON, and the serializers of users, accounts and tokens."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts import validation
from accounts.appearance import CHOICES
from accounts.joining.models import REASON_LENGTH
from accounts.models import User
from accounts.validation import HANDLE_PATTERN
from api.request_fields import (
    FormSwitchField,
    NullField,
    StrictBooleanField,
    StrictCharField,
    StrictDateTimeField,
    StrictIntegerField,
    UploadedFileField,
)
from chirp.times import rfc3339
from media import links
from people.notes import NOTE_LENGTH
from people.selectors import NOTHING_BETWEEN, Relationship, relationships
from people.services import MAX_MUTE_SECONDS
from tweets.controls import QUOTES_CHOICES

Json = dict[str, Any]
PICTURES = ("avatar", "header")


def represent_profile(*, viewer: User | None, user: User, base: str) -> Json:
    """A user's profile as `viewer` sees it. `base` is the base URL without a trailing slash."""
    return represent_profiles(viewer=viewer, users=[user], base=base)[0]


def represent_profiles(*, viewer: User | None, users: Sequence[User], base: str) -> list[Json]:
    """Profiles as `viewer` sees them, in the order of `users`. Takes one query at most."""
    by_user: dict[int, Relationship] = {}
    if viewer is not None and users:
        by_user = relationships(viewer=viewer, user_ids=[user.pk for user in users])
        by_user.pop(viewer.pk, None)  # users have no relationship to themselves
    return [_profile(user, by_user.get(user.pk), base) for user in users]


def _profile(user: User, relationship: Relationship | None, base: str) -> Json:
    shows_details = (relationship or NOTHING_BETWEEN).shows_details
    return {
        "id": str(user.pk),
        "handle": user.handle,
        "name": user.name,
        "bio": user.bio if shows_details else "",
        "place": user.place if shows_details else "",
        "link": user.link if shows_details else "",
        "avatar": picture_url(user.avatar, base),
        "header": picture_url(user.header, base) if shows_details else None,
        "private": user.private,
        "url": f"{base}/@{user.handle}",
        "created_at": rfc3339(user.created_at),
        "counts": {
            "followers": user.followers_count,
            "following": user.following_count,
            "tweets": user.tweets_count,
        },
        "relationship": relationship and represent_relationship(relationship),
    }


def represent_relationship(relationship: Relationship) -> Json:
    """A relationship."""
    until = relationship.muting_until
    return {**asdict(relationship), "muting_until": until and rfc3339(until)}


def picture_url(key: str, base: str) -> str | None:
    """The address of an avatar or a header, or None without one."""
    return f"{base}/{links.stable(key, 'large.webp')}" if key else None


def represent_me(*, user: User, base: str) -> Json:
    """The signed-in user's own account: the profile, and private fields."""
    until = user.reposts_hidden_until
    return {
        **represent_profile(viewer=user, user=user, base=base),
        "email": user.email,
        "quotes_from": user.quotes_from,
        "time_zone": user.time_zone,
        "language": user.language,
        **{name: getattr(user, name) for name in CHOICES},
        "reposts_hidden_until": until and rfc3339(until),
    }


class RelationshipSerializer(serializers.Serializer[Any]):
    """The relationship between the viewer and a user."""

    following = serializers.BooleanField()
    followed_by = serializers.BooleanField()
    requested = serializers.BooleanField(help_text="The viewer has a pending follow request.")
    blocking = serializers.BooleanField()
    blocked_by = serializers.BooleanField(
        help_text="The user blocks the viewer; bio, place and link are empty."
    )
    muting = serializers.BooleanField()
    reposts = serializers.BooleanField(
        help_text="The viewer follows the user and sees their reposts."
    )
    notify = serializers.BooleanField(
        help_text="The viewer follows the user and is notified of their tweets."
    )
    muting_until = serializers.DateTimeField(
        allow_null=True, help_text="When the mute ends. Null if it does not, or there is none."
    )
    note = serializers.CharField(help_text="The viewer's private note about the user, or empty.")
    featured = serializers.BooleanField(
        help_text="The viewer follows the user and shows them on their profile."
    )


class ProfileCountsSerializer(serializers.Serializer[Any]):
    """Counts of a user's followers, followees and tweets."""

    followers = serializers.IntegerField(min_value=0)
    following = serializers.IntegerField(min_value=0)
    tweets = serializers.IntegerField(min_value=0)


class ProfileSerializer(serializers.Serializer[Any]):
    """A user's public profile."""

    id = serializers.CharField()
    handle = serializers.CharField()
    name = serializers.CharField()
    bio = serializers.CharField()
    place = serializers.CharField()
    link = serializers.CharField()
    avatar = serializers.URLField(allow_null=True, help_text="A square picture.")
    header = serializers.URLField(allow_null=True, help_text="A picture of 3 to 1.")
    private = serializers.BooleanField()
    url = serializers.URLField()
    created_at = serializers.DateTimeField()
    counts = ProfileCountsSerializer()
    relationship = RelationshipSerializer(
        allow_null=True, help_text="Null for anonymous visitors, and for the viewer's own profile."
    )


def _choice(name: str, **options: Any) -> serializers.ChoiceField:
    return serializers.ChoiceField(choices=CHOICES[name], allow_blank=True, **options)


QUOTES_HELP = "Who may quote a tweet of the account that does not say who. For new tweets."


class MeSerializer(ProfileSerializer):
    """The account of the signed-in user."""

    email = serializers.CharField()
    quotes_from = serializers.ChoiceField(choices=QUOTES_CHOICES, help_text=QUOTES_HELP)
    time_zone = serializers.CharField(
        help_text="Such as `Europe/Berlin`, for times on the site. Empty: that of the browser."
    )
    language = serializers.CharField(
        help_text="Of pages and e-mails, such as `de`. Empty: that of the browser."
    )
    theme = _choice("theme", help_text="Colours of the site. Empty: those of the system.")
    contrast = _choice("contrast", help_text="Contrast of the site. Empty: that of the system.")
    text_size = _choice("text_size", help_text="Size of texts on the site. Empty: the usual one.")
    motion = _choice("motion", help_text="`less`: nothing on the site moves.")
    reposts_hidden_until = serializers.DateTimeField(
        allow_null=True,
        help_text="Until then, the home timeline leaves out what others repost.",
    )


class ProfileChangesSerializer(serializers.Serializer[Any]):
    """Changes to a profile. Omitted fields keep their values."""

    name = StrictCharField(required=False, allow_blank=True, max_length=validation.NAME_LENGTH)
    bio = StrictCharField(required=False, allow_blank=True, max_length=validation.BIO_LENGTH)
    place = StrictCharField(required=False, allow_blank=True, max_length=validation.PLACE_LENGTH)
    link = StrictCharField(
        required=False,
        allow_blank=True,
        max_length=validation.LINK_LENGTH,
        help_text="An http or https URL.",
    )
    time_zone = StrictCharField(
        required=False,
        allow_blank=True,
        max_length=64,
        help_text="The name of a time zone, such as `Europe/Berlin`, or empty.",
    )
    language = StrictCharField(
        required=False,
        allow_blank=True,
        max_length=10,
        help_text="A language of the site for pages and e-mails, such as `de`, or empty.",
    )
    theme = _choice("theme", required=False)
    contrast = _choice("contrast", required=False)
    text_size = _choice("text_size", required=False)
    motion = _choice("motion", required=False)
    reposts_hidden_until = StrictDateTimeField(
        required=False,
        allow_null=True,
        help_text="Until then, the home timeline leaves out what others repost. Null ends that.",
    )
    private = StrictBooleanField(
        required=False,
        help_text="Follow requests must be accepted. Making the account public accepts all pending "
        "requests.",
    )
    quotes_from = serializers.ChoiceField(
        choices=QUOTES_CHOICES, required=False, help_text=QUOTES_HELP
    )
    avatar = NullField(
        required=False, help_text="Null removes the avatar. Send a new one in a form."
    )
    header = NullField(
        required=False, help_text="Null removes the header. Send a new one in a form."
    )

    def validate(self, attrs: Json) -> Json:
        """Return the arguments of media.profiles.update_profile."""
        pictures = {name: attrs.pop(name) for name in PICTURES if name in attrs}
        return {
            "changes": attrs,
            "pictures": {name: file for name, file in pictures.items() if file is not None},
            "removed": [name for name, file in pictures.items() if file is None],
        }


class ProfileFormSerializer(ProfileChangesSerializer):
    """Changes to a profile as a form, with files. Omitted fields keep their values."""

    private = FormSwitchField(required=False)  # type: ignore[assignment]
    avatar = UploadedFileField(required=False, allow_empty_file=True)  # type: ignore[assignment]
    header = UploadedFileField(required=False, allow_empty_file=True)  # type: ignore[assignment]


@extend_schema_field({"type": "string", "pattern": HANDLE_PATTERN})
class HandleField(StrictCharField):
    """A handle. The schema describes its format; the service validates it."""


@extend_schema_field({"type": "string", "format": "email", "maxLength": validation.EMAIL_LENGTH})
class EmailField(StrictCharField):
    """An e-mail address. The schema describes its format; the service validates it."""


class RegistrationSerializer(serializers.Serializer[Any]):
    """A new account."""

    handle = HandleField(help_text="1 to 30 letters (a to z), digits and underscores.")
    email = EmailField()
    password = StrictCharField(
        max_length=validation.PASSWORD_LENGTH,
        help_text="At least 8 characters. Not a common password, an obvious word or a name of the "
        "account, even with numbers or punctuation.",
    )
    name = StrictCharField(required=False, allow_blank=True, max_length=validation.NAME_LENGTH)
    invitation = StrictCharField(
        required=False, allow_blank=True, max_length=200, help_text="The code of an invitation."
    )
    reason = StrictCharField(
        required=False,
        allow_blank=True,
        max_length=REASON_LENGTH,
        help_text="For staff, where it approves new accounts: why one wants to have one.",
    )


class CredentialsSerializer(serializers.Serializer[Any]):
    """Credentials to sign in with."""

    login = StrictCharField(
        max_length=validation.EMAIL_LENGTH, help_text="Handle or e-mail address."
    )
    password = StrictCharField(max_length=validation.PASSWORD_LENGTH)


class PasswordSerializer(serializers.Serializer[Any]):
    """The password of the account, as a confirmation."""

    password = StrictCharField(max_length=validation.PASSWORD_LENGTH)


class ProofSerializer(PasswordSerializer):
    """What proves once more who the signed-in user is."""

    code = StrictCharField(
        max_length=100,
        required=False,
        help_text="If the account has a second factor: of the authenticator app, or a recovery "
        "code.",
    )


class PendingDeletionSerializer(serializers.Serializer[Any]):
    """An account that is to be deleted."""

    delete_at = serializers.DateTimeField(help_text="Until then, signing in can keep it.")


class RefreshSerializer(serializers.Serializer[Any]):
    """A refresh token."""

    refresh = StrictCharField(max_length=4096)


class FollowSerializer(serializers.Serializer[Any]):
    """Options of a follow."""

    reposts = StrictBooleanField(required=False, help_text="Show their reposts. Defaults to true.")
    notify = StrictBooleanField(
        required=False, help_text="Notify the viewer of each of their tweets. Defaults to false."
    )


class MuteSerializer(serializers.Serializer[Any]):
    """Options of a mute."""

    seconds = StrictIntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=MAX_MUTE_SECONDS,
        help_text="After how many seconds it ends. Null, or left out: never.",
    )


class NoteSerializer(serializers.Serializer[Any]):
    """A private note."""

    text = StrictCharField(
        allow_blank=True,
        help_text=f"At most {NOTE_LENGTH} characters. A blank text removes the note.",
    )


class TokenPairSerializer(serializers.Serializer[Any]):
    """An access token and a refresh token."""

    access = serializers.CharField(help_text="For `Authorization: Bearer`. Valid for ten minutes.")
    refresh = serializers.CharField(
        help_text="For the next pair of tokens. Valid for thirty days and for a single use."
    )


class RegisteredSerializer(TokenPairSerializer):
    """A new account, with its first pair of tokens."""

    user = MeSerializer()


class WaitingAccountSerializer(serializers.Serializer[Any]):
    """A new account that cannot sign in yet."""

    waits = serializers.ChoiceField(["approval_pending", "confirmation_pending"])
    message = serializers.CharField(help_text="A message for people.")
    handle = serializers.CharField()


class KeySerializer(serializers.Serializer[Any]):
    """A public key (RFC 7517)."""

    kty = serializers.CharField()
    use = serializers.CharField()
    alg = serializers.CharField()
    kid = serializers.CharField()
    n = serializers.CharField()
    e = serializers.CharField()


class KeySetSerializer(serializers.Serializer[Any]):
    """The public keys that verify access tokens (RFC 7517)."""

    keys = KeySerializer(many=True)
