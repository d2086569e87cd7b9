"""The admin for filters: whether there are any, not what somebody does not want to read."""

from django.contrib import admin

from accounts.admin import OwnedAdmin
from filters.models import Filter


@admin.register(Filter)
class FilterAdmin(OwnedAdmin[Filter]):
    """Filters, without their titles and phrases."""

    list_display = ("id", "owner", "action", "contexts", "expires_at", "created_at")
    list_select_related = ("owner",)
    list_filter = ("action",)
    search_fields = ("owner__handle",)
    search_help_text = "The handle of an owner."
    fields = list_display
    readonly_fields = fields
