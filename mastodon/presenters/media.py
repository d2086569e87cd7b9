"""Pictures, videos and recordings as MediaAttachments."""

import time
from functools import partial
from typing import Any

from media import links, selectors
from media.formats import Kind
from media.models import Media
from media.selectors import Address, Shown

Json = dict[str, Any]
TYPES = {
    Kind.IMAGE.value: "image",
    Kind.ANIMATION.value: "gifv",
    Kind.VIDEO.value: "video",
    Kind.AUDIO.value: "audio",
}


def attachment(media: Shown, base: str) -> Json:
    """A file of a tweet. It has no `url` while it is processed."""
    small = dict(media.sizes).get("small") or (media.sizes[0][1] if media.sizes else None)
    url = f"{base}/{media.main.url}" if media.main else None
    return {
        "id": str(media.id),
        "type": _type(media),
        "url": url,
        "preview_url": f"{base}/{small.url}" if small else None,
        "remote_url": None,
        "preview_remote_url": None,
        "text_url": None,
        "meta": _meta(media, small),
        "description": media.alt or None,
        "blurhash": media.blurhash or None,
    }


def own_attachment(media: Media, base: str) -> Json:
    """An upload as its owner sees it."""
    assert media.owner_id is not None
    link = partial(links.signed, viewer_id=media.owner_id, now=time.time())
    return attachment(selectors.shown(selectors.item_of(media), link), base)


def _type(media: Shown) -> str:
    """The type. An animation that was not made into a video is a picture."""
    if media.kind == Kind.ANIMATION and media.main and media.main.type.startswith("image/"):
        return "image"
    return TYPES[media.kind]


def _meta(media: Shown, small: Address | None) -> Json:
    meta: Json = {}
    if media.width and media.height:
        meta["original"] = _size(media.width, media.height)
        meta["focus"] = {"x": media.focus_x, "y": media.focus_y}
    if small and small.width and small.height:
        meta["small"] = _size(small.width, small.height)
    if media.duration is not None:
        meta["duration"] = media.duration
        meta.setdefault("original", {})["duration"] = media.duration
    return meta


def _size(width: int, height: int) -> Json:
    return {
        "width": width,
        "height": height,
        "size": f"{width}x{height}",
        "aspect": width / height,
    }
