"""What tweets contain besides words, for `has:`."""

from collections.abc import Iterator

from tweets import text as texts


def kinds(*, text: str, has_poll: bool, has_media: bool) -> Iterator[str]:
    """Yield the kinds of contents of a tweet: see search.query.HAS."""
    if texts.parse(text).links:
        yield "link"
    if has_poll:
        yield "poll"
    if has_media:
        yield "media"
