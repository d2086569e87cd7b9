"""Forms of e-mail addresses, forgotten passwords and second factors."""

from django import forms

from accounts import passkeys, validation
from web.forms.base import ServiceForm
from web.lazy import gettext_lazy as _

ADDRESS_LENGTH = 2 * validation.EMAIL_LENGTH


def password_field(label: str, *, autocomplete: str = "current-password") -> forms.CharField:
    """A field for a password."""
    return forms.CharField(
        label=label,
        strip=False,
        max_length=validation.PASSWORD_LENGTH,
        widget=forms.PasswordInput(attrs={"autocomplete": autocomplete}),
    )


def code_field(help_text: str = "") -> forms.CharField:
    """A field for a code that is read elsewhere."""
    attrs = {"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}
    widget = forms.TextInput(attrs=attrs)
    return forms.CharField(label=_("Code"), max_length=100, help_text=help_text, widget=widget)


class ForgottenForm(ServiceForm):
    """Whose password is forgotten."""

    login = forms.CharField(
        label=_("Handle or e-mail address"),
        max_length=ADDRESS_LENGTH,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )


class SetPasswordForm(ServiceForm):
    """A new password, for whoever has the link of an e-mail."""

    token = forms.CharField(max_length=1000, widget=forms.HiddenInput)
    password = password_field(_("New password"), autocomplete="new-password")


class TokenForm(ServiceForm):
    """The secret of a link, in a form that acts on it: programs open links of e-mails."""

    token = forms.CharField(max_length=1000, widget=forms.HiddenInput)


class EmailForm(ServiceForm):
    """A new e-mail address."""

    email = forms.CharField(
        label=_("New e-mail address"),
        max_length=ADDRESS_LENGTH,
        help_text=_("It replaces the present one when you confirm it. The old one is told."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    password = password_field(_("Your password"))


class CodeForm(ServiceForm):
    """The code of an e-mail."""

    code = code_field()


class SecondStepForm(ServiceForm):
    """The second step of a sign-in."""

    code = code_field(_("Of your authenticator app, or one of your recovery codes."))


class AppForm(ServiceForm):
    """The first code of an authenticator app."""

    code = code_field(_("The six digits that the app shows now."))


class ConfirmForm(ServiceForm):
    """The password, again."""

    password = password_field(_("Your password"))


class PasskeyForm(ServiceForm):
    """What a passkey answered, which a script puts here. The service says if nothing is there."""

    credential = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)


class RenamePasskeyForm(ServiceForm):
    """The name of a passkey."""

    name = forms.CharField(
        label=_("Name"),
        required=False,
        max_length=4 * passkeys.NAME_LENGTH,
        help_text=_("Where it is, such as “My phone” or “The key on my ring”."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class AddPasskeyForm(RenamePasskeyForm, PasskeyForm):
    """A passkey that an authenticator made, and its name."""
