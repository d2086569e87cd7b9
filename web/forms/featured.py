"""The form that adds a hashtag to a profile."""

from typing import Any

from django import forms

from chirp.errors import NotFound
from lists.hashtags import normal_or_not_found
from web.forms.base import ServiceForm
from web.lazy import gettext_lazy as _


class HashtagForm(ServiceForm):
    """A hashtag, with or without the sign."""

    tag = forms.CharField(
        max_length=200,
        label=_("Hashtag"),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "dir": "auto"}),
    )

    def clean_tag(self) -> str:
        """Return it as hashtags are stored."""
        given: Any = self.cleaned_data["tag"]
        try:
            return normal_or_not_found(given.lstrip("#＃"))
        except NotFound:
            raise forms.ValidationError(_("This is not a hashtag.")) from None
