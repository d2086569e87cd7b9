"""The admin for trends: keep hashtags and tweets out of them."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from chirp.admin import ReadOnlyAdmin, rows_of
from search import hashtags, trending
from search.models import Tag, TrendingTweet


@admin.register(Tag)
class TagAdmin(ReadOnlyAdmin[Tag]):
    """Hashtags, the trends first. One that is blocked is never a trend; it can still be found."""

    list_display = ("tag", "authors", "trend", "blocked")
    list_filter = ("blocked",)
    search_fields = ("tag__startswith",)
    search_help_text = "The beginning of a hashtag, without the # and in lower case."
    fields = list_display
    readonly_fields = fields
    actions = ("block", "unblock")

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Return the order of the list."""
        return ("-trend", "-tier", "tag")

    @admin.action(description="Keep out of the trends", permissions=["moderate"])
    def block(self, request: HttpRequest, queryset: QuerySet[Tag]) -> None:
        """Keep the selected hashtags out of the trends."""
        self._set(request, queryset, "Kept out of the trends", blocked=True)

    @admin.action(description="Allow in the trends", permissions=["moderate"])
    def unblock(self, request: HttpRequest, queryset: QuerySet[Tag]) -> None:
        """Let the selected hashtags be trends again."""
        self._set(request, queryset, "Allowed in the trends", blocked=False)

    def _set(
        self, request: HttpRequest, queryset: QuerySet[Tag], done: str, *, blocked: bool
    ) -> None:
        def act(tag: Tag) -> None:
            hashtags.block_trend(tag=tag.tag, blocked=blocked)

        self.each(request, rows_of(queryset), act, done)


@admin.register(TrendingTweet)
class TrendingTweetAdmin(ReadOnlyAdmin[TrendingTweet]):
    """Tweets that trend, the first one first, and those that are kept out of the trends."""

    list_display = ("tweet", "score", "blocked")
    list_filter = ("blocked",)
    list_select_related = ("tweet",)
    fields = list_display
    readonly_fields = fields
    actions = ("block", "unblock")

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Return the order of the list."""
        return ("-score", "-tweet")

    @admin.action(description="Keep out of the trends", permissions=["moderate"])
    def block(self, request: HttpRequest, queryset: QuerySet[TrendingTweet]) -> None:
        """Keep the selected tweets out of the trends."""
        self._set(request, queryset, "Kept out of the trends", blocked=True)

    @admin.action(description="Allow in the trends", permissions=["moderate"])
    def unblock(self, request: HttpRequest, queryset: QuerySet[TrendingTweet]) -> None:
        """Let the selected tweets be trends again."""
        self._set(request, queryset, "Allowed in the trends", blocked=False)

    def _set(
        self, request: HttpRequest, queryset: QuerySet[TrendingTweet], done: str, *, blocked: bool
    ) -> None:
        def act(row: TrendingTweet) -> None:
            trending.block_trend(tweet_id=row.pk, blocked=blocked)

        self.each(request, rows_of(queryset), act, done)
