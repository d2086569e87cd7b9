"""The form of a filter."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from filters.matching import Phrase
from filters.models import PHRASE_LENGTH, TITLE_LENGTH, Action, Context, Filter
from filters.services import MAX_PHRASES
from web.forms.base import ServiceForm, counted_lazy

KEEP = "keep"
DURATIONS = {
    "30m": (_("30 minutes"), timedelta(minutes=30)),
    "6h": (_("6 hours"), timedelta(hours=6)),
    "1d": (_("A day"), timedelta(days=1)),
    "7d": (_("A week"), timedelta(days=7)),
    "30d": (_("30 days"), timedelta(days=30)),
}
NEVER = [("", _("Until I delete it"))]
FOR = [*NEVER, *((key, label) for key, (label, __) in DURATIONS.items())]


class FilterForm(ServiceForm):
    """A filter: its phrases one on each line, and where it applies."""

    # Which of the stored phrases are whole words: those made by the API may differ, and keep that
    # unless the switch is changed.
    stored: Mapping[str, bool] = {}

    title = forms.CharField(
        label=_("Title"),
        max_length=4 * TITLE_LENGTH,
        help_text=_("A name for it. A warning shows this name."),
    )
    phrases = forms.CharField(
        label=_("Words, phrases and #hashtags"),
        max_length=4 * MAX_PHRASES * PHRASE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        help_text=counted_lazy(
            "One on each line, at most %(num)s. Upper and lower case are the same.",
            "One on each line, at most %(num)s. Upper and lower case are the same.",
            MAX_PHRASES,
        ),
    )
    whole_word = forms.BooleanField(
        required=False, initial=True, label=_("Only whole words, not parts of longer ones")
    )
    action = forms.ChoiceField(
        label=_("What to do with a tweet that has one of them"),
        choices=Action.choices,
        initial=Action.WARN,
        widget=forms.RadioSelect,
    )
    contexts = forms.MultipleChoiceField(
        label=_("Where"),
        choices=Context.choices,
        initial=[Context.HOME, Context.PUBLIC],
        widget=forms.CheckboxSelectMultiple,
    )
    lasts = forms.ChoiceField(label=_("How long"), choices=FOR, required=False)

    def clean(self) -> dict[str, Any]:
        """Make phrases of the lines, and a time of the duration."""
        data = {**self.cleaned_data}
        whole, lasts = data.pop("whole_word", True), data.pop("lasts", "")
        lines = [line for line in data.pop("phrases", "").splitlines() if line.strip()]
        kept = {} if "whole_word" in self.changed_data else self.stored
        data["phrases"] = [Phrase(line, kept.get(line.strip(), whole)) for line in lines]
        if lasts != KEEP:
            data["expires_at"] = _end(lasts)
        return data

    @classmethod
    def of(cls, found: Filter, data: Any = None) -> "FilterForm":
        """The form with the values of a filter. It keeps the end that the filter has."""
        phrases = sorted(found.phrases.all(), key=lambda phrase: phrase.pk)
        initial = {
            "title": found.title,
            "phrases": "\n".join(phrase.text for phrase in phrases),
            "whole_word": all(phrase.whole_word for phrase in phrases),
            "action": found.action,
            "contexts": found.contexts,
            "lasts": KEEP if found.expires_at else "",
        }
        form = cls(data, initial=initial)
        form.stored = {phrase.text: phrase.whole_word for phrase in phrases}
        if found.expires_at:
            form.fields["lasts"].choices = [(KEEP, gettext("As it is")), *FOR]  # type: ignore[attr-defined]
        return form


def _end(lasts: str) -> datetime | None:
    return timezone.now() + DURATIONS[lasts][1] if lasts else None
