"""A form field whose input is repeated: several texts below one name."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import ngettext


class SeveralTexts(forms.Widget):
    """Reads all values of a name. Templates render the inputs themselves."""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[str]:
        """Return the values in the order of the form."""
        getlist = getattr(data, "getlist", None)
        return list(getlist(name)) if getlist else list(data.get(name) or [])


class SeveralTextsField(forms.Field):
    """Up to `most` texts of up to `max_length` characters.

    Blank inputs are left out, unless their positions matter.
    """

    widget = SeveralTexts

    def __init__(self, *, most: int, max_length: int, keep_blank: bool = False) -> None:
        super().__init__(required=False, initial=list)
        self.keep_blank = keep_blank
        self.most = most
        self.text = forms.CharField(required=False, strip=False, max_length=max_length)

    def clean(self, value: list[str]) -> list[str]:
        """Return the texts. Raises ValidationError."""
        if len(value) > self.most:
            raise forms.ValidationError(
                ngettext("At most %(num)s of these.", "At most %(num)s of these.", self.most)
                % {"num": self.most}
            )
        texts = [self.text.clean(text) for text in value]
        return texts if self.keep_blank else [text for text in texts if text.strip()]
