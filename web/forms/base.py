"""Forms that show the errors of a service beside the field that they are about."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django import forms
from django.forms.renderers import BaseRenderer
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.utils.functional import lazy
from django.utils.translation import ngettext

from chirp import localized
from chirp.errors import ChirpError
from chirp.texts import shown
from web.errors import STATUSES
from web.responses import respond


def _counted(singular: str, plural: str, number: int) -> str:
    return ngettext(singular, plural, number) % {"num": localized.number(number)}


# A text of chirp.texts, and one with a number, for what is made at import.
shown_lazy = lazy(shown, str)
counted_lazy = lazy(_counted, str)


class SiteRenderer(BaseRenderer):
    """Renders widgets and errors with the template engine of the site."""

    def get_template(self, template_name: str) -> Any:
        """Load a template of the site or of Django's widgets: see web/templating/environment.py."""
        return engines["jinja2"].get_template(template_name)


class ServiceForm(forms.Form):
    """A form that limits the size of the input and leaves the rest to a service."""

    default_renderer = SiteRenderer()
    refused: ChirpError | None = None
    owner = ""  # the handle of the account whose password is asked for, if nobody is signed in
    # The names of fields where the service has others: {"poll.choices": "poll_choices"}.
    names: ClassVar[Mapping[str, str]] = {}

    def passes(self, act: Callable[..., object]) -> bool:
        """Whether the input is valid and `act(**cleaned_data)` accepted it.

        What was refused is shown beside the field at fault, or above the form.
        """
        if not self.is_valid():
            return False
        try:
            act(**self.cleaned_data)
        except ChirpError as error:
            self.refuse(error)
        return self.refused is None

    def refuse(self, error: ChirpError) -> None:
        """Show an error beside the field that it is about."""
        self.refused = error
        at = self.names.get(error.at or "", error.at)
        self.add_error(at if at in self.fields else None, error.detail)

    def focus_error(self) -> None:
        """Let browsers begin at the first field at fault, or at the first one of the form."""
        wrong = [name for name in self.fields if name in self.errors]
        shown = [field.name for field in self.visible_fields()]
        for name in (wrong or shown)[:1]:
            widget = self.fields[name].widget
            if not isinstance(widget, forms.RadioSelect):  # each of its buttons would ask for it
                widget.attrs["autofocus"] = True

    @property
    def asks_password(self) -> bool:
        """Whether there is a field for a password: browsers want to know whose it is."""
        return any(isinstance(field.widget, forms.PasswordInput) for field in self.fields.values())

    @property
    def retry_after(self) -> int | None:
        """The seconds to wait before the form is sent again, if a limit refused it."""
        return None if self.refused is None else self.refused.retry_after

    @property
    def status(self) -> int:
        """The HTTP status of the page that shows this form."""
        if self.refused is not None:
            return STATUSES[self.refused.kind]
        return 400 if self.is_bound and self.errors else 200


def respond_form(
    request: HttpRequest,
    template: str,
    form: ServiceForm,
    context: dict[str, Any] | None = None,
    *,
    name: str = "form",
) -> HttpResponse:
    """Render the page of a form, with the status and the headers that belong to its errors.

    The template knows the form by its `name`.
    """
    if form.status != 200:
        form.focus_error()
    response = respond(request, template, {**(context or {}), name: form}, status=form.status)
    if form.retry_after is not None:
        response["Retry-After"] = str(form.retry_after)
    return response
