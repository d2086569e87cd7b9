"""Forms whose rules are those of a service, told beside the field at fault."""

from collections.abc import Callable

from django import forms
from django.forms.renderers import Jinja2

from chirp.errors import ChirpError
from web.errors import STATUSES


class ServiceForm(forms.Form):
    """A form that bounds the size of what is sent and leaves the rest to a service."""

    # Each widget and each empty list of errors is a template, and Jinja compiles them.
    # One for all: a form that makes its own compiles all of them anew.
    default_renderer = Jinja2()
    refused: ChirpError | None = None

    def passes(self, act: Callable[..., object]) -> bool:
        """Whether the input is sound and `act(**cleaned_data)` did not refuse it.

        What was refused is shown beside the field at fault, or above the form.
        """
        if not self.is_valid():
            return False
        try:
            act(**self.cleaned_data)
        except ChirpError as error:
            self.refused = error
            self.add_error(error.at if error.at in self.fields else None, error.detail)
        return self.refused is None

    @property
    def status(self) -> int:
        """The HTTP status of the page that shows this form."""
        if self.refused is not None:
            return STATUSES[self.refused.kind]
        return 400 if self.is_bound and self.errors else 200
