"""Previews of links as PreviewCards."""

from typing import Any

from media.previews.read import LinkCard

Json = dict[str, Any]


def card(link: LinkCard | None, base: str) -> Json | None:
    """The preview of the page that a tweet links to; None without one."""
    if link is None:
        return None
    image = link.image
    return {
        "url": link.url,
        "title": link.title,
        "description": link.description,
        "type": "link",
        "authors": [],
        "author_name": "",
        "author_url": "",
        "provider_name": link.site,
        "provider_url": "",
        "html": "",
        "width": image.width if image else 0,
        "height": image.height if image else 0,
        "image": f"{base}/{image.url}" if image else None,
        "image_description": image.alt if image else "",
        "embed_url": "",
        "blurhash": (image.blurhash or None) if image else None,
        "language": None,
        "published_at": None,
    }
