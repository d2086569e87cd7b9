"""Files in the composer: those that are chosen now, and those that were uploaded before."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.translation import gettext

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


@dataclass(frozen=True, slots=True)
class Chosen:
    """A file that was chosen, with its description. `number` is that of its field, from 1."""

    number: int
    file: "UploadedFile[Any]"
    alt: str

    def digest(self) -> str:
        """The same for the same file and description."""
        digest = hashlib.sha256(self.alt.encode())
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
    attrs = {"dir": "auto", "placeholder": gettext("Describe it for people who cannot see it")}
    widget = forms.TextInput(attrs=attrs)
    return forms.CharField(required=False, max_length=4 * ALT_LENGTH, widget=widget)


class MediaForm(ServiceForm):
    """Up to four files with their descriptions."""

    kept: Sequence[Upload] = ()  # uploads that the form shows, since they are not posted yet

    media_ids = IdsField(required=False)
    file1 = _file()
    alt1 = _alt()
    file2 = _file()
    alt2 = _alt()
    file3 = _file()
    alt3 = _alt()
    file4 = _file()
    alt4 = _alt()
    sensitive = forms.BooleanField(required=False)

    def take_chosen(self, data: dict[str, Any]) -> list[Chosen]:
        """Remove the fields of files from `data`, and return what was chosen."""
        pairs = [(data.pop(f"file{n}", None), data.pop(f"alt{n}", "")) for n in NUMBERS]
        return [Chosen(n, file, alt) for n, (file, alt) in enumerate(pairs, 1) if file is not None]

    def describe_next(self, uploaded: Chosen) -> None:
        """Empty the description of an uploaded file: its field is for another one now."""
        changed = QueryDict(mutable=True)
        changed.update(self.data)
        changed[f"alt{uploaded.number}"] = ""
        self.data = changed

    def has_media(self) -> bool:
        """Whether there is something to see where files are chosen."""
        return bool(self.kept) or self["sensitive"].value() or self._has_more(first=1)

    def has_more_media(self) -> bool:
        """Whether there is something to see in the fields beyond the first file."""
        return self._has_more(first=2)

    def _has_more(self, *, first: int) -> bool:
        numbers = range(first, MAX_IMAGES + 1)
        names = {f"{name}{n}" for name in ("file", "alt") for n in numbers} | {"media_ids"}
        errors = self.errors if self.is_bound else {}
        return not names.isdisjoint(errors) or any(self[f"alt{n}"].value() for n in numbers)
