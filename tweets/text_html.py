"""Render the text of tweets as HTML, with a cache."""

from functools import lru_cache

from tweets import text as texts


@lru_cache(maxsize=8192)  # many users read the same tweets, and finding links is slow
def html_of(text: str, handles: tuple[str, ...]) -> str:
    """Return the text as HTML with links to the accounts that have these handles."""
    return texts.to_html(text, handles={handle.lower(): handle for handle in handles})
