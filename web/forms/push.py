"""The form for what a device hears of."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from notifications.kinds import CHOICES
from notifications.push.models import PushSubscription
from web.forms.base import ServiceForm, shown_lazy


class DeviceForm(ServiceForm):
    """The kinds of which a device hears, and whose doings."""

    kinds = forms.MultipleChoiceField(
        label=_("This device shows"),
        choices=[(kind, shown_lazy(label)) for kind, label in CHOICES],
        widget=forms.CheckboxSelectMultiple(attrs={"class": "radios"}),
        required=False,
    )
    policy = forms.ChoiceField(
        label=_("Of what these people do"),
        choices=PushSubscription.Policy.choices,
        widget=forms.RadioSelect(attrs={"class": "radios"}),
    )


def form_of(row: PushSubscription, sent: Any = None) -> DeviceForm:
    """The form, with what the device hears of now."""
    return DeviceForm(sent, initial={"kinds": row.kinds, "policy": row.policy}, auto_id="push_%s")
