"""The form of an import."""

from django import forms
from django.utils.translation import gettext_lazy as _

from archives.registry import AUTO, KINDS
from web.forms.base import ServiceForm, shown_lazy


class ImportForm(ServiceForm):
    """An archive to import."""

    file = forms.FileField(label=_("Archive"), allow_empty_file=True, max_length=None)
    kind = forms.ChoiceField(
        label=_("What it is"),
        required=False,
        choices=[
            (AUTO, _("Whatever is in it")),
            *((kind.name, shown_lazy(kind.label)) for kind in KINDS),
        ],
    )

    def clean_kind(self) -> str:
        """Return the kind: what is in it unless something is chosen."""
        return self.cleaned_data["kind"] or AUTO
