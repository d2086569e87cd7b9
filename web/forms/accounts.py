"""Forms of accounts. They limit the size of the input; services check the rest."""

from django import forms

from accounts import validation
from accounts.models import User
from web.forms.base import ServiceForm


class RegisterForm(ServiceForm):
    """A new account."""

    handle = forms.CharField(
        max_length=60,
        help_text="1 to 30 letters, digits and underscores: your address here is @handle.",
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    name = forms.CharField(
        max_length=4 * validation.NAME_LENGTH,
        required=False,
        help_text="What people call you. It can be changed at any time.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.CharField(
        label="E-mail address",
        max_length=2 * validation.EMAIL_LENGTH,
        help_text="Only for signing in. Nobody else sees it.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    password = forms.CharField(
        strip=False,
        max_length=validation.PASSWORD_LENGTH,
        help_text="At least 8 characters. Not a common word, a name or a date, even with numbers "
        "or punctuation.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class LoginForm(ServiceForm):
    """The credentials of an account."""

    login = forms.CharField(
        label="Handle or e-mail address",
        max_length=2 * validation.EMAIL_LENGTH,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    password = forms.CharField(
        strip=False,
        max_length=validation.PASSWORD_LENGTH,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class ProfileForm(ServiceForm):
    """The profile of the signed-in user."""

    name = forms.CharField(max_length=4 * validation.NAME_LENGTH, required=False)
    bio = forms.CharField(
        max_length=4 * validation.BIO_LENGTH,
        required=False,
        help_text=f"A few words about you, at most {validation.BIO_LENGTH} characters.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    place = forms.CharField(max_length=4 * validation.PLACE_LENGTH, required=False)
    link = forms.CharField(
        max_length=4 * validation.LINK_LENGTH,
        required=False,
        help_text="A web address, with http:// or https:// in front.",
        widget=forms.TextInput(attrs={"inputmode": "url", "autocapitalize": "none"}),
    )
    private = forms.BooleanField(
        label="Private account",
        required=False,
        help_text="Only people whom you let in can follow you and read what you write. "
        "Going public lets in everybody who has asked.",
    )


class PasswordForm(ServiceForm):
    """A new password."""

    old = forms.CharField(
        label="Present password",
        strip=False,
        max_length=validation.PASSWORD_LENGTH,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new = forms.CharField(
        label="New password",
        strip=False,
        max_length=validation.PASSWORD_LENGTH,
        help_text="At least 8 characters. Every other place where you are signed in is signed out.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class DeactivateForm(ServiceForm):
    """The password that confirms the deactivation of an account."""

    password = forms.CharField(
        label="Your password",
        strip=False,
        max_length=validation.PASSWORD_LENGTH,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


def profile_of(user: User) -> dict[str, object]:
    """The initial data of the profile form."""
    return {field: getattr(user, field) for field in ProfileForm.base_fields}
