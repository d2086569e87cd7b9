"""E-mails and confirmed addresses in the admin. Loaded by accounts.apps."""

# These register their own admin, which edits.
import allauth.account.admin
import allauth.mfa.admin  # noqa: F401
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import urlize
from django.utils.safestring import SafeString, mark_safe

from accounts.admin import OwnedAdmin
from accounts.models import KeptMail
from chirp.admin import ReadOnlyAdmin


@admin.register(KeptMail)
class KeptMailAdmin(ReadOnlyAdmin[KeptMail]):
    """The e-mails of a site without a mail server. They hold secrets, so only superusers may."""

    list_display = ("subject", "to", "created_at")
    fields = ("subject", "to", "created_at", "message")
    readonly_fields = fields

    def has_view_permission(self, request: HttpRequest, obj: KeptMail | None = None) -> bool:
        """Only superusers: a link of an e-mail sets the password of any account."""
        return bool(getattr(request.user, "is_superuser", False))

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Only superusers."""
        return self.has_view_permission(request)

    @admin.display(description="Text")
    def message(self, mail: KeptMail) -> SafeString:
        """Return the text, whose links can be followed."""
        return mark_safe(urlize(mail.text, autoescape=True).replace("\n", "<br>"))  # noqa: S308


class EmailAddressAdmin(OwnedAdmin[EmailAddress]):
    """The addresses of accounts: which are confirmed, and which are to replace another."""

    owner = "user"
    list_display = ("user", "email", "verified", "primary")
    list_select_related = ("user",)
    list_filter = ("verified",)
    search_fields = ("email",)  # enables the search box; see get_search_results
    search_help_text = "A whole handle."
    fields = ("user", "email", "verified", "primary")
    readonly_fields = fields


admin.site.unregister(EmailAddress)
admin.site.register(EmailAddress, EmailAddressAdmin)


class AuthenticatorAdmin(OwnedAdmin[Authenticator]):
    """The second factors of accounts, without their secrets."""

    owner = "user"
    list_display = ("id", "user", "type", "created_at", "last_used_at")
    list_select_related = ("user",)
    list_filter = ("type",)
    search_fields = ("pk",)  # enables the search box; see get_search_results
    search_help_text = "A whole handle."
    fields = ("user", "type", "created_at", "last_used_at")
    readonly_fields = fields


admin.site.unregister(Authenticator)
admin.site.register(Authenticator, AuthenticatorAdmin)
