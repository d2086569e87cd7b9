"""Link previews as JSON, and their serializers."""

from typing import Any

from rest_framework import serializers

from media.previews.read import Image, LinkCard

Json = dict[str, Any]


def represent_link_card(card: LinkCard | None, *, base: str) -> Json | None:
    """A link preview. `base` is the site's base URL without a trailing slash."""
    if card is None:
        return None
    image = _image(card.image, base) if card.image else None
    return {**card._asdict(), "image": image}


def _image(image: Image, base: str) -> Json:
    return {**image._asdict(), "url": f"{base}/{image.url}", "blurhash": image.blurhash or None}


class LinkImageSerializer(serializers.Serializer[Any]):
    """The picture of a page, as a WebP of this site."""

    url = serializers.URLField()
    width = serializers.IntegerField(min_value=1, help_text="In pixels.")
    height = serializers.IntegerField(min_value=1)
    blurhash = serializers.CharField(
        allow_null=True, help_text="A BlurHash, to show while the picture loads."
    )
    alt = serializers.CharField(help_text="The description that the page gives; may be empty.")


class LinkCardSerializer(serializers.Serializer[Any]):
    """The preview of a page that a tweet links to. Texts are those of the page, shortened."""

    url = serializers.URLField(help_text="The link as it is in the tweet.")
    title = serializers.CharField()
    description = serializers.CharField(help_text="May be empty.")
    site = serializers.CharField(help_text="The host of the link, in ASCII and without `www.`.")
    image = LinkImageSerializer(allow_null=True)
