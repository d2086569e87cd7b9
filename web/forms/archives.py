"""The form of an import."""

from django import forms

from archives.registry import AUTO, KINDS
from web.forms.base import ServiceForm


class ImportForm(ServiceForm):
    """An archive to import."""

    file = forms.FileField(label="Archive", allow_empty_file=True, max_length=None)
    kind = forms.ChoiceField(
        label="What it is",
        required=False,
        choices=[(AUTO, "Whatever is in it"), *((kind.name, kind.label) for kind in KINDS)],
    )

    def clean_kind(self) -> str:
        """Return the kind: what is in it unless something is chosen."""
        return self.cleaned_data["kind"] or AUTO
