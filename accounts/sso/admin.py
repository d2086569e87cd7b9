"""Connections to the provider in the admin. Loaded by accounts.apps."""

import allauth.socialaccount.admin  # noqa: F401 - registers its own admin, which edits
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin

from accounts.admin import OwnedAdmin


class SocialAccountAdmin(OwnedAdmin[SocialAccount]):
    """Which accounts single sign-on opens."""

    owner = "user"
    list_display = ("user", "provider", "uid", "date_joined")
    list_select_related = ("user",)
    search_fields = ("pk",)  # enables the search box; see get_search_results
    search_help_text = "A whole handle."
    fields = ("user", "provider", "uid", "date_joined")
    readonly_fields = fields


for unused in (SocialApp, SocialToken, SocialAccount):
    admin.site.unregister(unused)
admin.site.register(SocialAccount, SocialAccountAdmin)
