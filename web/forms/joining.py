"""The form of an invitation."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.joining.invitations import MAX_DAYS, MAX_USES
from accounts.joining.models import NOTE_LENGTH
from web.forms.base import ServiceForm


class InvitationForm(ServiceForm):
    """A new invitation. What is left empty has no limit."""

    uses = forms.IntegerField(
        label=_("How many people may come by it"),
        required=False,
        initial=1,
        min_value=1,
        max_value=MAX_USES,
        help_text=_("Empty for any number."),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    days = forms.IntegerField(
        label=_("For how many days"),
        required=False,
        initial=7,
        min_value=1,
        max_value=MAX_DAYS,
        help_text=_("Empty for ever."),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=4 * NOTE_LENGTH,
        help_text=_("For whom it is, as a reminder for you."),
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )
    follow = forms.BooleanField(label=_("Who comes by it follows me"), required=False)
