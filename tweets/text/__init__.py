"""The text of a tweet: validation, length, links, mentions and hashtags, and rendering to HTML.

This package uses neither Django nor the database, and nothing depends on the viewer. `check`
validates the text that a user enters. Every other function accepts any string and never raises
because of its content.
"""

from chirp.plain_text import is_blank
from tweets.text.entities import Entities, Entity
from tweets.text.limits import (
    LINK_LENGTH,
    MAX_CODE_POINTS,
    MAX_LENGTH,
    TextBlank,
    TextInvalid,
    TextTooLong,
    TweetTextError,
    check,
    length,
    normalize,
    permitted,
)
from tweets.text.links import may_have as may_have_links
from tweets.text.parsing import hashtags, mentioned_handles, normalize_tag, parse
from tweets.text.rendering import to_html

__all__ = [
    "LINK_LENGTH",
    "MAX_CODE_POINTS",
    "MAX_LENGTH",
    "Entities",
    "Entity",
    "TextBlank",
    "TextInvalid",
    "TextTooLong",
    "TweetTextError",
    "check",
    "hashtags",
    "is_blank",
    "length",
    "may_have_links",
    "mentioned_handles",
    "normalize",
    "normalize_tag",
    "parse",
    "permitted",
    "to_html",
]
