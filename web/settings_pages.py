"""All settings, by their pages: the index of the settings, and the search in it.

What a page lets people change is read off its form, so that a new field can be found too.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from django import forms
from django.forms.utils import pretty_name
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from web.forms import accounts, credentials
from web.forms.appearance import AppearanceForm
from web.forms.notifications import NotificationsForm

Text = str | Promise
CONFIRMS = "password"  # a field that is no setting


class SettingsPage(NamedTuple):
    """One page. `name` is that of its URL pattern; `words` are other words for what it is about."""

    name: str
    title: Text
    about: Text
    words: Text = ""
    form: type[forms.Form] = forms.Form


class Group(NamedTuple):
    """Pages that belong together."""

    title: Text
    pages: tuple[SettingsPage, ...]


class Found(NamedTuple):
    """A page that the index shows, with those of its fields that were searched for."""

    title: str
    about: str
    address: str
    name: str
    fields: list[tuple[str, str]]  # labels and addresses


class FoundGroup(NamedTuple):
    """Pages below a title."""

    title: str
    pages: list[Found]


GROUPS = (
    Group(
        _("Profile and appearance"),
        (
            SettingsPage(
                "settings_profile",
                _("Profile"),
                _("Name, pictures, bio, place and link."),
                form=accounts.ProfileForm,
            ),
            SettingsPage(
                "settings_featured",
                _("On your profile"),
                _("People and hashtags that you recommend."),
                _("featured endorse pinned"),
            ),
            SettingsPage(
                "appearance",
                _("Appearance"),
                _("Theme, contrast, size of texts, and what moves."),
                _("dark mode light colours font accessibility animations"),
                AppearanceForm,
            ),
            SettingsPage(
                "settings_language",
                _("Language and time zone"),
                _("Of the pages that you read, and of your e-mails."),
                _("translation clock hours"),
                accounts.LanguageForm,
            ),
        ),
    ),
    Group(
        _("Privacy"),
        (
            SettingsPage(
                "settings_privacy",
                _("Who can follow, read and quote you"),
                _("Everybody, or only people whom you let in."),
                _("protected locked account"),
                accounts.PrivacyForm,
            ),
            SettingsPage(
                "follow_requests",
                _("Follow requests"),
                _("People who ask to follow you."),
                _("accept approve followers"),
            ),
            SettingsPage(
                "settings_blocked",
                _("Blocked people"),
                _("They cannot follow, read or mention you."),
                _("block list harassment"),
            ),
            SettingsPage(
                "settings_muted",
                _("Muted people"),
                _("You do not see what they write. They are not told."),
                _("mute list silence hide"),
            ),
        ),
    ),
    Group(
        _("Notifications and filters"),
        (
            SettingsPage(
                "settings_notifications",
                _("Notifications"),
                _("What you hear of, here and by e-mail."),
                _("likes reposts mentions replies followers digest"),
                NotificationsForm,
            ),
            SettingsPage(
                "filters",
                _("Filters"),
                _("Words, phrases and hashtags that you would rather not read."),
                _("mute words hide spoilers"),
            ),
        ),
    ),
    Group(
        _("Lists and hashtags"),
        (
            SettingsPage("lists", _("Lists"), _("People whom you read apart from everybody else.")),
            SettingsPage(
                "settings_hashtags",
                _("Followed hashtags"),
                _("Public tweets that have them appear in your home timeline."),
                _("tags topics"),
            ),
        ),
    ),
    Group(
        _("Security"),
        (
            SettingsPage(
                "settings_password",
                _("Password"),
                _("A new one signs you out everywhere else."),
                form=accounts.PasswordForm,
            ),
            SettingsPage(
                "two_step",
                _("Login in two steps"),
                _("Authenticator app, passkeys and recovery codes."),
                _("two factor authentication 2FA MFA TOTP security key"),
            ),
            SettingsPage(
                "settings_sessions",
                _("Sessions"),
                _("Where you are logged in, and how to log out there."),
                _("devices browsers log out"),
            ),
            SettingsPage(
                "settings_apps",
                _("Apps"),
                _("Apps that may use your account."),
                _("OAuth authorized Mastodon client"),
            ),
            SettingsPage(
                "settings_sso", _("Single sign-on"), _("Whether it signs you in to this account.")
            ),
            SettingsPage(
                "settings_security",
                _("Security log"),
                _("Sign-ins, wrong passwords and changes of the last 90 days."),
                _("history events"),
            ),
        ),
    ),
    Group(
        _("Archives"),
        (
            SettingsPage(
                "settings_import",
                _("Import an archive"),
                _("Bring along your tweets and follows from elsewhere."),
                _("Twitter Mastodon move ZIP CSV"),
            ),
            SettingsPage(
                "settings_export",
                _("Export everything"),
                _("All that you have here, as one ZIP file."),
                _("download my data backup"),
            ),
        ),
    ),
    Group(
        _("Account"),
        (
            SettingsPage(
                "settings_email",
                _("E-mail address"),
                _("Where we write to you. Nobody else sees it."),
                form=credentials.EmailForm,
            ),
            SettingsPage(
                "settings_invitations", _("Invitations"), _("Links by which others can join.")
            ),
            SettingsPage(
                "settings_strikes",
                _("Decisions about your account"),
                _("What the moderators decided, and how to appeal."),
                _("strikes warnings suspension moderation"),
            ),
            SettingsPage(
                "settings_reports",
                _("Your reports"),
                _("What you reported, and what became of it."),
                _("moderation"),
            ),
            SettingsPage(
                "settings_account",
                _("Log out or leave"),
                _("Log out, deactivate the account, or delete it for good."),
                _("log out sign out close remove quit"),
            ),
        ),
    ),
)
PAGES = {page.name: page for group in GROUPS for page in group.pages}


def shown(*, without: Iterable[str] = (), query: str = "") -> list[FoundGroup]:
    """The pages and fields that have all words of a query; all pages if there is none.

    `without` names pages that the viewer has no use for.
    """
    words, hidden = plain(query).split(), set(without)
    found = [FoundGroup(str(group.title), [*_found(group, words, hidden)]) for group in GROUPS]
    return [group for group in found if group.pages]


def _found(group: Group, words: list[str], hidden: set[str]) -> Iterator[Found]:
    for page in group.pages:
        fields = [field for field in _fields(page) if _has(words, *field[::2])]
        if page.name not in hidden and (
            fields or _has(words, page.title, page.about, page.words, group.title)
        ):
            address = reverse(page.name)
            links = [(label, f"{address}#id_{name}") for label, name, _help in fields if words]
            yield Found(str(page.title), str(page.about), address, page.name, links)


def _fields(page: SettingsPage) -> Iterator[tuple[str, str, str]]:
    """The label, the name and the help of each field."""
    for name, field in page.form.base_fields.items():
        if name != CONFIRMS:
            yield str(field.label or pretty_name(name)), name, str(field.help_text)


def _has(words: list[str], *texts: Text) -> bool:
    text = plain(" ".join(str(each) for each in texts))
    return all(word in text for word in words)


def plain(text: str) -> str:
    """A text as it is compared: without case and accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in apart if not unicodedata.combining(each))
