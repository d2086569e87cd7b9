"""The rules of a tweet's text: what may be stored, how long it is, what it names, how it is shown.

Pure: nothing here knows Django, a database or the reader. Text comes in from people once, through
`check`; every other function takes any string whatever and never raises because of what is in it.
"""

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
    is_blank,
    length,
    normalize,
)
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
    "mentioned_handles",
    "normalize",
    "normalize_tag",
    "parse",
    "to_html",
]
