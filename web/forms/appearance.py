"""The form for how pages look."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from web.forms.base import ServiceForm


def _choice(label: Any, *choices: tuple[str, Any]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, required=False, widget=forms.RadioSelect)


class AppearanceForm(ServiceForm):
    """The values are those of accounts.appearance.CHOICES."""

    theme = _choice(
        _("Theme"),
        ("", _("As my device says")),
        ("light", pgettext_lazy("theme", "Light")),
        ("dark", pgettext_lazy("theme", "Dark")),
    )
    contrast = _choice(
        _("Contrast"),
        ("", _("As my device says")),
        ("standard", pgettext_lazy("contrast", "Standard")),
        ("more", pgettext_lazy("contrast", "High")),
    )
    text_size = _choice(
        _("Text size"),
        ("small", pgettext_lazy("text size", "Small")),
        ("", pgettext_lazy("text size", "Normal")),
        ("large", pgettext_lazy("text size", "Large")),
        ("larger", pgettext_lazy("text size", "Very large")),
    )
    motion = _choice(
        _("Motion"),
        ("", _("As my device says")),
        ("less", _("Nothing moves")),
    )
