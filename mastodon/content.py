"""Texts as HTML, in the form that clients of Mastodon take apart. No Django.

All of the text is escaped. Paragraphs are `p`, line breaks `br`; the addresses of mentions and
hashtags are those of the lists `mentions` and `tags`, character for character. Without the tags,
the HTML is the text.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from html import escape
from urllib.parse import quote

from tweets import text as texts

SHOWN = 30  # characters of a link; clients add the ellipsis


@lru_cache(maxsize=8192)  # many viewers read the same tweets, and finding links is slow
def html_of(text: str, handles: tuple[str, ...] | None, base: str) -> str:
    """Return the text as HTML with links to the accounts that have these handles.

    If `handles` is None, every mention is a link.
    """
    if not text:
        return ""
    known = None if handles is None else {handle.lower(): handle for handle in handles}
    pieces, at = [], 0
    for start, end, element in sorted(_elements(text, known, base)):
        pieces += [_plain(text[at:start]), element]
        at = end
    html = "".join([*pieces, _plain(text[at:])])
    paragraphs = html.replace("\n\n\n", "\n\n<br>").split("\n\n")
    return "".join(f"<p>{part.replace(chr(10), '<br>')}</p>" for part in paragraphs)


def profile_url(handle: str, base: str) -> str:
    """The address of an account."""
    return f"{base}/@{handle}"


def tag_url(tag: str, base: str) -> str:
    """The address of a hashtag, in the form that clients open themselves."""
    return f"{base}/tags/{quote(tag, safe='')}"


def quote_line(url: str) -> str:
    """The paragraph that names a quoted tweet, for clients that show no quotes."""
    return f'<p class="quote-inline">RE: {_link(url)}</p>'


def _plain(text: str) -> str:
    return escape(text).replace("&#x27;", "&#39;")


def _elements(
    text: str, known: Mapping[str, str] | None, base: str
) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, HTML) for each link, mention and hashtag."""
    entities = texts.parse(text)
    for link in entities.links:
        yield link.start, link.end, _link(link.value)
    for tag in entities.hashtags:
        yield tag.start, tag.end, _hashtag(text[tag.start : tag.end], tag.value, base)
    for mention in entities.mentions:
        typed = mention.value
        handle = typed if known is None else known.get(typed.lower())
        if handle is not None:
            yield mention.start, mention.end, _mention(typed, handle, base)


def _mention(typed: str, handle: str, base: str) -> str:
    return (
        f'<span class="h-card" translate="no"><a href="{profile_url(handle, base)}" '
        f'class="u-url mention">@<span>{typed}</span></a></span>'
    )


def _hashtag(typed: str, tag: str, base: str) -> str:
    href = escape(tag_url(tag, base))
    return (
        f'<a href="{href}" class="mention hashtag" rel="tag">#<span>{_plain(typed[1:])}</span></a>'
    )


def _link(url: str) -> str:
    """The link, with what clients hide and what they cut in elements of their own."""
    scheme, _, rest = url.partition("://")
    www = "www." if rest.startswith("www.") else ""
    rest = rest[len(www) :]
    shown, hidden = rest[:SHOWN], rest[SHOWN:]
    css = ' class="ellipsis"' if hidden else ""
    return (
        f'<a href="{escape(url)}" target="_blank" rel="nofollow noopener noreferrer" '
        f'translate="no"><span class="invisible">{scheme}://{www}</span>'
        f'<span{css}>{_plain(shown)}</span><span class="invisible">{_plain(hidden)}</span></a>'
    )
