"""The admin for link previews: fetch again, delete, and block hosts."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from chirp.admin import ReadOnlyAdmin, rows_of
from chirp.admin_confirmation import dangerous
from media.previews import services
from media.previews.models import BlockedHost, Preview


@admin.register(Preview)
class PreviewAdmin(ReadOnlyAdmin[Preview]):
    """Previews, newest first. Only links of tweets that everybody may see have one."""

    list_display = ("url", "title", "state", "error", "tried_at", "due_at")
    list_filter = ("state",)
    search_fields = ("=host", "=url")
    search_help_text = "A host, or a whole URL."
    fields = (
        *("url", "host", "state", "title", "description", "image_alt", "error", "attempts"),
        *("due_at", "tried_at", "fetched_at", "created_at"),
    )
    readonly_fields = fields
    actions = ("fetch_again", "delete_previews", "block_hosts")

    @admin.action(description="Fetch again", permissions=["moderate"])
    def fetch_again(self, request: HttpRequest, queryset: QuerySet[Preview]) -> None:
        """Have the selected previews fetched again."""

        def act(preview: Preview) -> None:
            services.refetch(url=preview.url, now=timezone.now())

        self.each(request, rows_of(queryset), act, "To be fetched")

    @dangerous("No tweet shows these previews any more, until another one links to their pages.")
    @admin.action(description="Delete", permissions=["moderate"])
    def delete_previews(self, request: HttpRequest, queryset: QuerySet[Preview]) -> None:
        """Delete the selected previews."""

        def act(preview: Preview) -> None:
            services.delete(preview_id=preview.pk)

        self.each(request, rows_of(queryset), act, "Deleted")

    @dangerous("All previews of these hosts are deleted, and none is fetched any more.")
    @admin.action(description="Block their hosts", permissions=["moderate"])
    def block_hosts(self, request: HttpRequest, queryset: QuerySet[Preview]) -> None:
        """Block the hosts of the selected previews."""

        def act(preview: Preview) -> None:
            services.block_host(host=preview.host)

        self.each(request, list(queryset), act, "Host blocked")


@admin.register(BlockedHost)
class BlockedHostAdmin(ReadOnlyAdmin[BlockedHost]):
    """Hosts without previews. `manage.py media previews --block HOST` adds one by its name."""

    list_display = ("host", "created_at")
    search_fields = ("=host",)
    search_help_text = "A host."
    fields = ("host", "created_at")
    readonly_fields = fields
    actions = ("unblock",)

    @admin.action(description="Unblock", permissions=["moderate"])
    def unblock(self, request: HttpRequest, queryset: QuerySet[BlockedHost]) -> None:
        """Fetch previews from the selected hosts again."""

        def act(blocked: BlockedHost) -> None:
            services.unblock_host(host=blocked.host)

        self.each(request, rows_of(queryset), act, "Unblocked")
