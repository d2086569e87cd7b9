"""Files in the composer: those that are chosen now, and those that were uploaded before."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chirp import ids
from media.models import ALT_LENGTH
from media.models import Media as Upload
from media.services import MAX_IMAGES
from web.forms.base import ServiceForm

NUMBERS = range(1, MAX_IMAGES + 1)
ACCEPTED = (
    "image/jpeg,image/png,image/webp,image/avif,image/gif,image/heic,image/heif,video/mp4,"
    "video/quicktime,video/webm,audio/*"
)


# Which part of a picture lists show where they cut it, by the point in its middle.
FOCUSES = [
    ("", _("The middle")),
    ("0,0.7", _("The top")),
    ("0,-0.7", _("The bottom")),
    ("-0.7,0", _("The left")),
    ("0.7,0", _("The right")),
]


@dataclass(frozen=True, slots=True)
class Chosen:
    """A file that was chosen, with its description and its focal point, which may be empty.

    `number` is that of its field, from 1.
    """

    number: int
    file: "UploadedFile[Any]"
    alt: str
    focus: str = ""

    def digest(self) -> str:
        """The same for the same file, description and focal point."""
        digest = hashlib.sha256(f"{self.focus}\n{self.alt}".encode())
        for chunk in self.file.chunks():
            digest.update(chunk)
        return digest.hexdigest()


class IdsField(forms.Field):
    """Ids, in several fields of the same name."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[int]:
        """The ids. Raises ValidationError."""
        parsed = [ids.parse(each) for each in (value or [])[: 2 * MAX_IMAGES]]
        found = [id_ for id_ in parsed if id_ is not None]
        if len(found) < len(parsed):
            raise forms.ValidationError(gettext("Not an id."))
        return found


def _file() -> forms.FileField:
    widget = forms.FileInput(attrs={"accept": ACCEPTED})
    return forms.FileField(required=False, allow_empty_file=True, widget=widget)


def _alt() -> forms.CharField:
    attrs = {"dir": "auto", "placeholder": _("Describe it for people who cannot see it")}
    widget = forms.TextInput(attrs=attrs)
    return forms.CharField(required=False, max_length=4 * ALT_LENGTH, widget=widget)


def _focus() -> forms.CharField:
    # Scripts send any point; the choices are for everybody else.
    widget = forms.Select(choices=FOCUSES)
    return forms.CharField(required=False, max_length=400, widget=widget)


class MediaForm(ServiceForm):
    """Up to four files with their descriptions."""

    kept: Sequence[Upload] = ()  # uploads that the form shows, since they are not posted yet

    media_ids = IdsField(required=False)
    file1 = _file()
    alt1 = _alt()
    focus1 = _focus()
    file2 = _file()
    alt2 = _alt()
    focus2 = _focus()
    file3 = _file()
    alt3 = _alt()
    focus3 = _focus()
    file4 = _file()
    alt4 = _alt()
    focus4 = _focus()
    sensitive = forms.BooleanField(required=False)

    def take_chosen(self, data: dict[str, Any]) -> list[Chosen]:
        """Remove the fields of files from `data`, and return what was chosen."""
        rows = [[data.pop(f"{name}{n}", "") for name in ("file", "alt", "focus")] for n in NUMBERS]
        return [Chosen(n, *row) for n, row in enumerate(rows, 1) if row[0]]

    def describe_next(self, uploaded: Chosen) -> None:
        """Empty the fields about an uploaded file: they are for another one now."""
        changed = QueryDict(mutable=True)
        changed.update(self.data)
        changed[f"alt{uploaded.number}"] = changed[f"focus{uploaded.number}"] = ""
        self.data = changed

    def has_media(self) -> bool:
        """Whether there is something to see where files are chosen."""
        return bool(self.kept) or self["sensitive"].value() or self._has_more(first=1)

    def has_more_media(self) -> bool:
        """Whether there is something to see in the fields beyond the first file."""
        return self._has_more(first=2)

    def _has_more(self, *, first: int) -> bool:
        numbers = range(first, MAX_IMAGES + 1)
        names = {f"{name}{n}" for name in ("file", "alt", "focus") for n in numbers} | {"media_ids"}
        errors = self.errors if self.is_bound else {}
        return not names.isdisjoint(errors) or any(self[f"alt{n}"].value() for n in numbers)
