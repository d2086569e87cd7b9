"""Tweets that could not be posted because nobody was signed in, or because the form had expired.

They are kept in the session, which survives signing in, until the composer is shown again.
"""

from django.http import HttpRequest

from tweets import text as texts
from web.forms.tweets import ComposeForm

DRAFT = "draft"
# The names of the fields that are kept, and how many characters of each.
KEPT = {
    "text": 4 * texts.MAX_CODE_POINTS,
    "spoiler": 400,
    "visibility": 10,
    "reply_to_id": 20,
    "quote_of_id": 20,
}


def keep_draft(request: HttpRequest) -> None:
    """Keep what the composer sent in the session of the browser."""
    sent = request.POST
    request.session[DRAFT] = {name: sent.get(name, "")[:length] for name, length in KEPT.items()}


def take_draft(request: HttpRequest) -> ComposeForm | None:
    """Return a composer with the text that was kept, and forget it; None if there is none."""
    draft = request.session.pop(DRAFT, None)
    return ComposeForm(initial=draft) if draft else None
