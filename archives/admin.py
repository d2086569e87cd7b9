"""The admin for imports and exports: how far they are, and not what is in them."""

from django.contrib import admin

from accounts.admin import OwnedAdmin
from archives.models import Export, Import


@admin.register(Import)
class ImportAdmin(OwnedAdmin[Import]):
    """Imports of archives. The problems of one may quote what only its owner may read."""

    list_display = ("id", "owner", "kind", "state", "done", "total", "created_at", "changed_at")
    list_select_related = ("owner",)
    list_filter = ("state", "kind")
    search_fields = ("owner__handle",)
    search_help_text = "The handle of an owner."
    fields = (*list_display, "bytes", "results", "problems_count", "error")
    readonly_fields = fields


@admin.register(Export)
class ExportAdmin(OwnedAdmin[Export]):
    """Exports. Only their owners get the archives."""

    list_display = ("id", "owner", "state", "part", "done", "bytes", "created_at", "finished_at")
    list_select_related = ("owner",)
    list_filter = ("state",)
    search_fields = ("owner__handle",)
    search_help_text = "The handle of an owner."
    fields = list_display
    readonly_fields = fields
