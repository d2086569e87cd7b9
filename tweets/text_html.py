"""Texts as HTML, remembered."""

from functools import lru_cache

from tweets import text as texts


@lru_cache(maxsize=8192)  # the same tweets are read by many, and links take long to find
def html_of(text: str, handles: tuple[str, ...]) -> str:
    """The text as HTML with links to the people who have these handles."""
    return texts.to_html(text, handles={handle.lower(): handle for handle in handles})
