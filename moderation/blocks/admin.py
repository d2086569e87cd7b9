"""The admin for blocked e-mail domains, networks and words."""

from ipaddress import ip_network
from typing import Any

from django import forms
from django.contrib import admin

from accounts.validation import canonical_email
from filters.matching import words_of
from moderation.blocks import checks
from moderation.blocks.models import EmailDomain, Network, Word
from moderation.site.admin import EditedAdmin


class EmailDomainForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """A domain, in the form in which addresses have it."""

    def clean_domain(self) -> str:
        """The domain in lower case, without an @ or dots around it."""
        domain = str(self.cleaned_data["domain"]).strip().lstrip("@.").rstrip(".")
        domain = canonical_email(f"a@{domain}").rpartition("@")[2].lower()
        if "." not in domain or not domain.isascii() or " " in domain:
            raise forms.ValidationError("A domain looks like example.com.")
        return domain


class NetworkForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """A network in its usual form."""

    def clean_network(self) -> str:
        """The network as `ipaddress` writes it. IPv4 addresses in IPv6 form are IPv4."""
        try:
            return str(ip_network(str(self.cleaned_data["network"]).strip(), strict=False))
        except ValueError as error:
            message = "A network looks like 192.0.2.0/24 or 2001:db8::/32."
            raise forms.ValidationError(message) from error


class WordForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """A word or phrase that can be found."""

    def clean_text(self) -> str:
        """The phrase without white space around it."""
        text = str(self.cleaned_data["text"]).strip()
        if not words_of(text):
            raise forms.ValidationError("This has no visible characters.")
        return text


class BlockAdmin(EditedAdmin[Any]):
    """Base of these admins."""

    memory = (checks.networks, checks.words)


@admin.register(EmailDomain)
class EmailDomainAdmin(BlockAdmin):
    """Domains whose addresses may not register."""

    form = EmailDomainForm
    list_display = ("domain", "comment", "created_at")
    search_fields = ("domain",)
    fields = ("domain", "comment")


@admin.register(Network)
class NetworkAdmin(BlockAdmin):
    """Networks of clients."""

    form = NetworkForm
    list_display = ("network", "scope", "comment", "created_at")
    list_filter = ("scope",)
    fields = ("network", "scope", "comment")


@admin.register(Word)
class WordAdmin(BlockAdmin):
    """Words and phrases."""

    form = WordForm
    list_display = ("text", "whole_word", "severity", "comment", "created_at")
    list_filter = ("severity",)
    fields = ("text", "whole_word", "severity", "comment")
