"""Pictures, videos and recordings as JSON, and the serializers of uploads."""

import time
from functools import partial
from typing import Any

from rest_framework import serializers

from api.request_fields import StrictCharField, UploadedFileField
from media import links, selectors
from media.formats import Kind
from media.models import ALT_LENGTH, Media, State
from media.selectors import Address, Shown

Json = dict[str, Any]
FOCUS = (
    "The part of the picture to keep when it is cut: two numbers from -1 (left, bottom) to 1 "
    "(right, top), such as `0,0.5`."
)


def represent(media: Shown, *, base: str) -> Json:
    """A file of a tweet. `base` is the site's base URL without a trailing slash."""
    return {
        "id": str(media.id),
        "type": media.kind,
        "state": media.state,
        "alt": media.alt,
        "focus": {"x": media.focus_x, "y": media.focus_y},
        "width": media.width,
        "height": media.height,
        "duration": media.duration,
        "blurhash": media.blurhash or None,
        "url": f"{base}/{media.main.url}" if media.main else None,
        "sizes": {name: _size(address, base) for name, address in media.sizes},
    }


def represent_own(media: Media, *, base: str) -> Json:
    """An upload as its owner sees it."""
    assert media.owner_id is not None
    link = partial(links.signed, viewer_id=media.owner_id, now=time.time())
    shown = selectors.shown(selectors.item_of(media), link)
    tweet_id = None if media.tweet_id is None else str(media.tweet_id)
    return {**represent(shown, base=base), "error": media.error or None, "tweet_id": tweet_id}


def _size(address: Address, base: str) -> Json:
    return {
        "url": f"{base}/{address.url}",
        "width": address.width,
        "height": address.height,
    }


class FocusSerializer(serializers.Serializer[Any]):
    """The focal point of a picture."""

    x = serializers.FloatField(min_value=-1, max_value=1)
    y = serializers.FloatField(min_value=-1, max_value=1)


class PictureSizeSerializer(serializers.Serializer[Any]):
    """A picture in one size, as WebP."""

    url = serializers.URLField()
    width = serializers.IntegerField(min_value=1)
    height = serializers.IntegerField(min_value=1)


class MediaSerializer(serializers.Serializer[Any]):
    """A picture, an animation, a video or a recording."""

    id = serializers.CharField()
    type = serializers.ChoiceField([kind.value for kind in Kind])
    state = serializers.ChoiceField(State.choices, help_text="`processing` takes seconds.")
    alt = serializers.CharField(help_text="A description for people who cannot see it.")
    focus = FocusSerializer(help_text="What to keep when it is cut.")
    width = serializers.IntegerField(allow_null=True, help_text="In pixels.")
    height = serializers.IntegerField(allow_null=True)
    duration = serializers.FloatField(allow_null=True, help_text="In seconds.")
    blurhash = serializers.CharField(
        allow_null=True, help_text="A BlurHash, to show while the picture loads."
    )
    url = serializers.URLField(
        allow_null=True,
        help_text="The picture in its largest size, or what to play; null while it is processed. "
        "The address of a file that not everybody may see works for this viewer, and for half an "
        "hour at least.",
    )
    sizes = serializers.DictField(
        child=PictureSizeSerializer(),
        help_text="Pictures by size: `small` (400 pixels), `medium` (800) and `large` (1600). A "
        "video has those of its poster, a recording none.",
    )


class OwnMediaSerializer(MediaSerializer):
    """An upload of the signed-in user."""

    error = serializers.CharField(allow_null=True, help_text="Why it failed, for people.")
    tweet_id = serializers.CharField(allow_null=True, help_text="The tweet that it is in.")


class NewMediaSerializer(serializers.Serializer[Any]):
    """A file to upload."""

    file = UploadedFileField(
        allow_empty_file=True,
        max_length=None,
        help_text="JPEG, PNG, WebP, AVIF, GIF, HEIC, MP4, WebM, MP3, Ogg, FLAC or WAV. The content "
        "decides, not the name.",
    )
    alt = StrictCharField(required=False, allow_blank=True, max_length=ALT_LENGTH)
    focus = StrictCharField(required=False, allow_blank=True, max_length=50, help_text=FOCUS)


class MediaChangesSerializer(serializers.Serializer[Any]):
    """Changes to an upload. Omitted fields keep their values."""

    alt = StrictCharField(required=False, allow_blank=True, max_length=ALT_LENGTH)
    focus = StrictCharField(required=False, allow_blank=True, max_length=50, help_text=FOCUS)
