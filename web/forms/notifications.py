"""The form of notification settings."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from chirp.texts import shown
from notifications.kinds import LABELS, Kind
from notifications.models import Settings
from web.forms.base import ServiceForm

WAYS = ("site", "email")
FIXED = "site_moderation"  # notices from moderators cannot be turned off


class NotificationsForm(ServiceForm):
    """For each kind whether it is shown and whether the digest has it; strangers; the digest."""

    strangers = forms.ChoiceField(
        label=_("From people you do not follow"),
        choices=Settings.Strangers.choices,
        widget=forms.RadioSelect(attrs={"class": "radios"}),
        help_text=_("New followers and requests to follow you always arrive."),
    )
    digest = forms.ChoiceField(
        label=_("Send what is unread by e-mail"),
        choices=Settings.Digest.choices,
        widget=forms.RadioSelect(attrs={"class": "radios"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in Kind:
            for way in WAYS:
                self.fields[f"{way}_{kind}"] = forms.BooleanField(
                    required=False, disabled=f"{way}_{kind}" == FIXED, label=shown(LABELS[kind])
                )

    def rows(self) -> Iterator[tuple[str, BoundField, BoundField]]:
        """Yield the label of each kind and its two switches."""
        for kind in Kind:
            yield shown(LABELS[kind]), self[f"site_{kind}"], self[f"email_{kind}"]

    def changes(self) -> dict[str, Any]:
        """Return the arguments of `notifications.preferences.change`, of a valid form."""
        data = self.cleaned_data
        switches = {way: {str(kind): data[f"{way}_{kind}"] for kind in Kind} for way in WAYS}
        return {**switches, "strangers": data["strangers"], "digest": data["digest"]}


def values_of(settings: Settings) -> dict[str, object]:
    """The initial data of the form."""
    site = {f"site_{kind}": kind not in settings.off for kind in Kind}
    email = {f"email_{kind}": kind in settings.mailed for kind in Kind}
    return {**site, **email, "strangers": settings.strangers, "digest": settings.digest}
