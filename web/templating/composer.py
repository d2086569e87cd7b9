"""The composer with nothing in it, as it stands above home: rendered once for each person.

Django's forms take longer for six fields than the database for a page of tweets.
"""

from functools import lru_cache

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from web.forms.tweets import ComposeForm, new_key
from web.presenters.people import Person
from web.templating.cached_fragment import CSRF_HOLE, fill

KEY_HOLE = "\0key\0"


def empty_composer(*, writer: Person, after: str, csrf_token: object) -> SafeString:
    """A composer for `writer`, who goes to `after` when the tweet is out."""
    return fill(_composer(writer, after), {CSRF_HOLE: csrf_token, KEY_HOLE: new_key()})


@lru_cache(maxsize=1024)
def _composer(writer: Person, after: str) -> str:
    context = {
        "composer": ComposeForm(initial={"key": KEY_HOLE}),
        "composer_next": after,
        "csrf_token": CSRF_HOLE,
        "user": writer,
    }
    return render_to_string("tweets/_composer.html", context)
