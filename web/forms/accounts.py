"""Forms of accounts. They limit the size of the input; services check the rest."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext

from accounts import validation
from accounts.joining.models import REASON_LENGTH, Mode, Terms
from accounts.joining.waiting import NotYet
from accounts.models import User
from chirp.times import time_zone_names
from tweets.controls import QUOTES_CHOICES
from web.forms.base import ServiceForm, counted_lazy, shown_lazy
from web.lazy import gettext_lazy as _

ACCEPTED = "image/jpeg,image/png,image/webp,image/avif,image/gif,image/heic,image/heif"
PICTURES = ("avatar", "header")


class RegisterForm(ServiceForm):
    """A new account."""

    waits: NotYet | None = None  # why it cannot begin yet, once it is created

    handle = forms.CharField(
        label=_("Handle"),
        max_length=60,
        help_text=_("1 to 30 letters, digits and underscores: your address here is @handle."),
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=4 * validation.NAME_LENGTH,
        required=False,
        help_text=_("What people call you. It can be changed at any time."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.CharField(
        label=_("E-mail address"),
        max_length=2 * validation.EMAIL_LENGTH,
        help_text=_("For logging in, and if you forget your password. Nobody else sees it."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=validation.PASSWORD_LENGTH,
        help_text=_(
            "At least 8 characters. Not a common word, a name or a date, even with numbers "
            "or punctuation."
        ),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    invitation = forms.CharField(
        label=_("Invitation"),
        required=False,
        max_length=200,
        help_text=_("The code of your invitation."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    reason = forms.CharField(
        label=_("Why would you like to join?"),
        required=False,
        max_length=4 * REASON_LENGTH,
        help_text=_("Those who run the site read it, and decide. You get an e-mail then."),
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
    )

    @classmethod
    def under(cls, terms: Terms, data: QueryDict | None, *, invitation: str) -> "RegisterForm":
        """The form with those fields that are of use under the terms of the site."""
        form = cls(data, initial={"invitation": invitation})
        if not invitation and terms.mode != Mode.INVITATION:
            del form.fields["invitation"]
        if invitation or terms.mode != Mode.APPROVAL:
            del form.fields["reason"]
        return form


class SsoRegisterForm(RegisterForm):
    """A new account of somebody whom the provider of single sign-on knows."""

    @classmethod
    def for_newcomer(
        cls, terms: Terms, data: QueryDict | None, *, initial: dict[str, str], admitted: bool
    ) -> "SsoRegisterForm":
        """The form without address and password, and with what the terms need."""
        form = cls(data, initial=initial)
        asks = {Mode.INVITATION: ("invitation",), Mode.APPROVAL: ("reason",)}
        needed = ("invitation",) if initial["invitation"] else asks.get(Mode(terms.mode), ())
        wanted = () if admitted else needed
        for name in {"email", "password", "invitation", "reason"} - set(wanted):
            del form.fields[name]
        return form


class LoginForm(ServiceForm):
    """The credentials of an account."""

    goes_on = False  # whether they are right, and a second step follows

    login = forms.CharField(
        label=_("Handle or e-mail address"),
        max_length=2 * validation.EMAIL_LENGTH,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=validation.PASSWORD_LENGTH,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


def _picture(label: str, help_text: str) -> forms.FileField:
    widget = forms.FileInput(attrs={"accept": ACCEPTED})
    return forms.FileField(
        label=label, help_text=help_text, required=False, allow_empty_file=True, widget=widget
    )


# Of the names in the time zone database these have a place; the others are old or for machines.
CONTINENTS = (
    *("Africa/", "America/", "Antarctica/", "Asia/", "Atlantic/", "Australia/", "Europe/"),
    *("Indian/", "Pacific/", "UTC"),
)


def time_zone_choices(present: str) -> list[tuple[str, str]]:
    """The time zones to choose from: those with a place, and the `present` one."""
    names = {name for name in time_zone_names() if name.startswith(CONTINENTS)} | {present}
    automatic = ("", gettext("That of my browser"))
    return [automatic, *((name, name.replace("_", " ")) for name in sorted(names - {""}))]


def language_choices() -> list[tuple[str, str]]:
    """The languages of the site, each by its own name."""
    return [("", gettext("That of my browser")), *settings.LANGUAGES]


class ProfileForm(ServiceForm):
    """The profile of the signed-in user."""

    avatar = _picture(
        _("Avatar"), _("A picture of you, or of what you like. It is cut to a square.")
    )
    remove_avatar = forms.BooleanField(label=_("Remove the avatar"), required=False)
    header = _picture(
        _("Header"), _("The picture at the top of your profile, three times as wide as high.")
    )
    remove_header = forms.BooleanField(label=_("Remove the header"), required=False)

    name = forms.CharField(label=_("Name"), max_length=4 * validation.NAME_LENGTH, required=False)
    bio = forms.CharField(
        label=_("Bio"),
        max_length=4 * validation.BIO_LENGTH,
        required=False,
        help_text=counted_lazy(
            "A few words about you, at most %(num)s characters.",
            "A few words about you, at most %(num)s characters.",
            validation.BIO_LENGTH,
        ),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    place = forms.CharField(
        label=_("Place"), max_length=4 * validation.PLACE_LENGTH, required=False
    )
    link = forms.CharField(
        label=_("Link"),
        max_length=4 * validation.LINK_LENGTH,
        required=False,
        help_text=_("A web address, with http:// or https:// in front."),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocapitalize": "none"}),
    )

    @classmethod
    def of(cls, user: User, data: Any = None, files: Any = None) -> "ProfileForm":
        """The form with the present profile, or with what was sent."""
        names = ("name", "bio", "place", "link")
        form = cls(data, files, initial={name: getattr(user, name) for name in names})
        for picture in PICTURES:
            if not getattr(user, picture):
                del form.fields[f"remove_{picture}"]
        return form

    def clean(self) -> dict[str, Any]:
        """The arguments of media.profiles.update_profile."""
        data = dict(self.cleaned_data)
        files = {name: data.pop(name, None) for name in PICTURES}
        ticked = {name: data.pop(f"remove_{name}", False) for name in PICTURES}
        chosen = {name: file for name, file in files.items() if file is not None}
        removed = [name for name in PICTURES if ticked[name] and name not in chosen]
        return {"changes": data, "pictures": chosen, "removed": removed}


class LanguageForm(ServiceForm):
    """In which language and time zone the signed-in user reads."""

    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        choices=language_choices,
        help_text=_("For pages and e-mails. Nobody else sees it."),
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        required=False,
        help_text=_(
            "For times on the site, such as that of a scheduled tweet. Nobody else sees it."
        ),
    )

    @classmethod
    def of(cls, user: User, data: Any = None) -> "LanguageForm":
        """The form with the present choices, or with what was sent."""
        form = cls(data, initial={"language": user.language, "time_zone": user.time_zone})
        zones = form.fields["time_zone"]
        zones.choices = time_zone_choices(user.time_zone)  # type: ignore[attr-defined]
        return form


class PrivacyForm(ServiceForm):
    """Who may read and quote the signed-in user."""

    private = forms.BooleanField(
        label=_("Private account"),
        required=False,
        help_text=_(
            "Only people whom you let in can follow you and read what you write. "
            "Going public lets in everybody who has asked."
        ),
    )
    quotes_from = forms.ChoiceField(
        label=_("Who may quote"),
        choices=[(value, shown_lazy(text)) for value, text in QUOTES_CHOICES],
        widget=forms.RadioSelect,
        help_text=_("For tweets that you write from now on. Each of them can have another choice."),
    )

    @classmethod
    def of(cls, user: User, data: Any = None) -> "PrivacyForm":
        """The form with the present choices, or with what was sent."""
        return cls(data, initial={"private": user.private, "quotes_from": user.quotes_from})


class PasswordForm(ServiceForm):
    """A new password."""

    old = forms.CharField(
        label=_("Present password"),
        strip=False,
        max_length=validation.PASSWORD_LENGTH,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new = forms.CharField(
        label=_("New password"),
        strip=False,
        max_length=validation.PASSWORD_LENGTH,
        help_text=_(
            "At least 8 characters. Every other place where you are logged in is logged out."
        ),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class DeleteForm(ServiceForm):
    """The handle, typed to make sure that it is this account that is to go."""

    handle = forms.CharField(
        label=_("Type your handle to confirm"),
        max_length=100,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )


class DeactivateForm(ServiceForm):
    """The password that confirms the deactivation of an account."""

    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        max_length=validation.PASSWORD_LENGTH,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
