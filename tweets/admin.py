"""Tweets in the admin: find, hide, bring back, delete."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import User
from chirp import ids
from chirp.admin import ReadOnlyAdmin, rows_of
from tweets import deleting, moderation
from tweets.models import Tweet

TEXT_SHOWN = 100
COUNTS = ("likes_count", "reposts_count", "quotes_count", "replies_count")


class Kind(admin.SimpleListFilter):
    """What sort of tweet it is."""

    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The kinds that refer to another tweet."""
        return [("reply", "Replies"), ("repost", "Reposts"), ("quote", "Quotes")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Tweet]) -> QuerySet[Tweet]:
        """Those that refer in this way."""
        fields = {"reply": "reply_to", "repost": "repost_of", "quote": "quote_of"}
        field = fields.get(self.value() or "")
        return queryset.filter(**{f"{field}__isnull": False}) if field else queryset


class State(admin.SimpleListFilter):
    """Whether it stands."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The three states."""
        return [("standing", "Standing"), ("hidden", "Hidden"), ("deleted", "Deleted")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Tweet]) -> QuerySet[Tweet]:
        """Those in the chosen state."""
        if self.value() == "standing":
            return queryset.filter(deleted_at=None, hidden_at=None)
        if self.value() == "hidden":
            return queryset.filter(hidden_at__isnull=False)
        return queryset.filter(deleted_at__isnull=False) if self.value() == "deleted" else queryset


@admin.register(Tweet)
class TweetAdmin(ReadOnlyAdmin[Tweet]):
    """Tweets, newest first. Deleting hides for good, as when the author deletes."""

    list_display = ("id", "author", "start", "state", "kind", "visibility", "created_at")
    list_display_links = ("id",)
    list_select_related = ("author",)
    list_filter = (State, Kind, "visibility", "sensitive")
    search_fields = ("text",)
    search_help_text = "An id, @handle for somebody's tweets, or words of the text."
    fields = (
        *("id", "author", "kind", "state", "text", "spoiler", "sensitive", "visibility"),
        *("reply_to_id", "quote_of_id", "repost_of_id", "conversation_id", *COUNTS),
        *("lat", "lon", "place", "created_at", "edited_at", "deleted_at", "hidden_at"),
    )
    readonly_fields = fields
    actions = ("hide", "unhide")

    def has_delete_permission(self, request: HttpRequest, obj: Tweet | None = None) -> bool:
        """Those with Django's permission to delete tweets."""
        return request.user.has_perm("tweets.delete_tweet")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Tweet], search_term: str
    ) -> tuple[QuerySet[Tweet], bool]:
        """By id and by author through an index; by words of the text otherwise."""
        term = search_term.strip()
        id_ = ids.parse(term)
        if id_ is not None:
            return queryset.filter(pk=id_), False
        if term.startswith("@"):
            author = User.objects.by_handle(term.removeprefix("@")).values("pk")
            return queryset.filter(author__in=author), False
        return super().get_search_results(request, queryset, term)

    @admin.display(description="Kind")
    def kind(self, tweet: Tweet) -> str:
        """What it is, and to what."""
        named = [("repost of", tweet.repost_of_id), ("reply to", tweet.reply_to_id)]
        named += [("quote of", tweet.quote_of_id)]
        told = [f"{word} {id_}" for word, id_ in named if id_ is not None]
        return ", ".join(told) or "tweet"

    @admin.display(description="Text")
    def start(self, tweet: Tweet) -> str:
        """As much of the text as a list has room for."""
        text = tweet.text
        return text if len(text) <= TEXT_SHOWN else f"{text[:TEXT_SHOWN]}…"

    @admin.display(description="State")
    def state(self, tweet: Tweet) -> str:
        """Whether it stands."""
        if tweet.deleted_at is not None:
            return "deleted"
        return "standing" if tweet.hidden_at is None else "hidden"

    @admin.action(description="Hide", permissions=["moderate"])
    def hide(self, request: HttpRequest, queryset: QuerySet[Tweet]) -> None:
        """Hide the chosen tweets from everybody."""

        def act(tweet: Tweet) -> None:
            moderation.hide_tweet(tweet_id=tweet.pk, by=_operator(request))

        self.each(request, rows_of(queryset), act, "Hidden")

    @admin.action(description="Bring back what is hidden", permissions=["moderate"])
    def unhide(self, request: HttpRequest, queryset: QuerySet[Tweet]) -> None:
        """Show the chosen tweets again."""

        def act(tweet: Tweet) -> None:
            moderation.unhide_tweet(tweet_id=tweet.pk, by=_operator(request))

        self.each(request, rows_of(queryset), act, "Brought back")

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[Any, int], set[str], list[str]]:
        """What the page before a deletion lists: rows stay, so nothing goes with a tweet."""
        names = [f"{tweet.author}: {self.start(tweet)} ({tweet.pk})" for tweet in objs]
        return names, {"tweets": len(names)}, set(), []

    def delete_model(self, request: HttpRequest, obj: Tweet) -> None:
        """Delete one tweet."""
        deleting.delete_tweet(author=obj.author, tweet_id=obj.pk)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Tweet]) -> None:
        """Delete several tweets."""
        for tweet in rows_of(queryset.select_related("author")):
            self.delete_model(request, tweet)


def _operator(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # the admin lets nobody else in
    return request.user
