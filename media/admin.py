"""The admin for uploads: what there is, and why something failed."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import User
from chirp import ids
from chirp.admin import ReadOnlyAdmin
from media.models import Media
from media.previews.admin import PreviewAdmin  # noqa: F401 - registers it


@admin.register(Media)
class MediaAdmin(ReadOnlyAdmin[Media]):
    """Uploads, newest first. Neither files nor descriptions: they may belong to a direct tweet.

    The pictures of tweets that moderators may see are with the tweets.
    """

    list_display = ("id", "owner", "purpose", "kind", "state", "tweet_id", "bytes", "created_at")
    list_select_related = ("owner",)
    list_filter = ("state", "kind", "purpose")
    search_fields = ("=tweet_id",)
    search_help_text = "The id of a tweet, or an @handle."
    fields = (
        *("id", "owner", "purpose", "kind", "format", "state", "error", "attempts", "tweet_id"),
        *("position", "width", "height", "duration", "original_bytes", "bytes", "created_at"),
    )
    readonly_fields = fields

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Media], search_term: str
    ) -> tuple[QuerySet[Media], bool]:
        """Find uploads by tweet or owner."""
        term = search_term.strip()
        if term.startswith("@"):
            owner = User.objects.by_handle(term.removeprefix("@")).values("pk")
            return queryset.filter(owner__in=owner), False
        id_ = ids.parse(term)
        found = queryset.filter(tweet_id=id_) if id_ is not None else queryset.none()
        return (found if term else queryset), False
