"""The page of all components in all their states: docs/design-system.md."""

import re

from django.conf import settings
from django.contrib.messages import ERROR, SUCCESS
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from chirp.errors import NotFound
from chirp.pagination import Page
from web.design import samples
from web.design.visit import SampleVisit
from web.forms.accounts import PasswordForm
from web.forms.appearance import AppearanceForm
from web.forms.tweets import ComposeForm
from web.look import look_of
from web.presenters.people import person_of
from web.responses import respond

SPRITE = "components/icon_sprite.html"
ICON = re.compile(r'id="icon-([\w-]+)"')


def refused_composer() -> ComposeForm:
    """A composer with everything in it, and something wrong."""
    typed = {"key": "refused", "text": "", "visibility": "direct", "spoiler": samples.WIDE}
    poll = {"poll_choices": ["Tea", ""], "poll_seconds": "86400"}
    form = ComposeForm({**typed, **poll, "parts": ["And then?"]}, auto_id="refused-%s")
    form.is_valid()
    form.add_error("text", samples.LONG_WORD)
    return form


@require_safe
def design(request: HttpRequest) -> HttpResponse:
    """Every component, rendered by its own template. Only with DEBUG."""
    if not settings.DEBUG:
        raise NotFound
    me = samples.person(99, "demo", "Demo Guest")
    refused = PasswordForm({"old": "", "new": ""})
    context = {
        "preview": True,
        "member": SampleVisit(me),
        "visitor": SampleVisit(None),
        "me": person_of(me),
        "cards": samples.cards(),
        "nodes": samples.branches(),
        "rows": samples.people(),
        "wide": samples.WIDE,
        "long_word": samples.LONG_WORD,
        "appearance": AppearanceForm(initial=look_of(request)._asdict()),
        "forms": {"Empty": PasswordForm(), "Refused": refused},
        "compose": ComposeForm(initial={"key": "sample"}),
        "refused": refused_composer(),
        "conversations": samples.conversations(),
        "drafts": samples.drafts(),
        "versions": samples.versions(),
        "why": samples.why(),
        "nothing": Page([]),
        "said": [Message(SUCCESS, "Saved."), Message(ERROR, samples.LONG_WORD)],
        "icons": ICON.findall((settings.BASE_DIR / "templates" / SPRITE).read_text()),
        "another": samples.card(101),
        "famous": samples.card(
            102, likes=1_000_000, reposts=1, quotes=12_345, edited_at=samples.WHEN
        ),
        "strike": samples.strike(),
        "notifications": samples.notifications(samples.card(100)),
    }
    return respond(request, "pages/design.html", context)
