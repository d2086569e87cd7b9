"""Forms about another person: a mute that ends, and a private note."""

from typing import Any

from django import forms

from people.notes import NOTE_LENGTH
from web.forms.base import ServiceForm
from web.lazy import gettext_lazy as _

HOUR, DAY = 3600, 86_400
DURATIONS = (
    (HOUR, _("an hour")),
    (8 * HOUR, _("8 hours")),
    (DAY, _("a day")),
    (7 * DAY, _("a week")),
    (30 * DAY, _("30 days")),
    ("", _("until I unmute them")),
)


class MuteForm(ServiceForm):
    """How long somebody is muted."""

    seconds = forms.TypedChoiceField(
        choices=DURATIONS,
        coerce=int,
        empty_value=None,
        required=False,
        initial=DAY,
        label=_("For how long"),
        widget=forms.RadioSelect,
    )


class NoteForm(ServiceForm):
    """What one notes about somebody."""

    text = forms.CharField(
        required=False,
        max_length=4 * NOTE_LENGTH,
        label=_("Private note"),
        help_text=_("Only you see it. Leave it empty to remove it."),
        widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
    )

    @classmethod
    def of(cls, text: str, data: Any = None) -> "NoteForm":
        """The form with the note that there is."""
        return cls(data, initial={"text": text})
