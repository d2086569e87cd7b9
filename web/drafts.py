"""Tweets that could not be posted because nobody was signed in, or because the form had expired.

They are kept in the session, which survives signing in, until the composer is shown again.
"""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from media.models import ALT_LENGTH
from media.services import MAX_IMAGES
from tweets import text as texts
from tweets.places import NAME_LENGTH
from tweets.polls.rules import CHOICE_LENGTH, MAX_CHOICES
from tweets.threads import MAX_TWEETS
from web.forms.media import NUMBERS
from web.forms.parts import REST_LENGTH
from web.forms.tweets import ComposeForm

DRAFT = "draft"
CHOOSE_AGAIN = _("Files have to be chosen again.")
# The names of the fields that are kept, and how many characters of each.
KEPT = {
    "text": 4 * texts.MAX_CODE_POINTS,
    "spoiler": 400,
    "visibility": 10,
    "replies_from": 10,
    "quotes_from": 10,
    "due_at": 20,
    "time_zone": 64,
    "draft_id": 20,
    "scheduled_id": 20,
    "reply_to_id": 20,
    "quote_of_id": 20,
    "poll_seconds": 10,
    "poll_multiple": 5,
    "poll_hidden": 5,
    "sensitive": 5,
    "lat": 30,
    "lon": 30,
    "place": 4 * NAME_LENGTH,
    "exact": 5,
    **{f"alt{number}": 4 * ALT_LENGTH for number in NUMBERS},
    **{f"focus{number}": 50 for number in NUMBERS},
}
# The names of fields that are repeated: how many are kept, and how many characters of each.
KEPT_LISTS = {
    "parts": (MAX_TWEETS - 1, 4 * texts.MAX_CODE_POINTS),
    "rests": (MAX_TWEETS, REST_LENGTH),
    "media_ids": (2 * MAX_IMAGES, 20),
    "poll_choices": (MAX_CHOICES, 4 * CHOICE_LENGTH),
}


def keep_draft(request: HttpRequest) -> None:
    """Keep what the composer sent in the session of the browser."""
    sent = request.POST
    kept: dict[str, Any] = {name: sent.get(name, "")[:length] for name, length in KEPT.items()}
    for name, (most, length) in KEPT_LISTS.items():
        kept[name] = [text[:length] for text in sent.getlist(name)[:most]]
    request.session[DRAFT] = kept


def take_draft(request: HttpRequest) -> ComposeForm | None:
    """Return a composer with the text that was kept, and forget it; None if there is none."""
    draft = request.session.pop(DRAFT, None)
    return ComposeForm(initial=draft) if draft else None
