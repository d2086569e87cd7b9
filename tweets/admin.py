"""The admin for tweets: search, hide, restore and delete them."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import get_script_prefix
from django.utils.html import format_html_join

from accounts.models import User
from chirp import ids
from chirp.admin import LOOKED_THROUGH, ReadOnlyAdmin, rows_of
from chirp.admin_confirmation import dangerous
from tweets import deleting, moderation
from tweets.later.admin import ScheduledTweetAdmin  # noqa: F401 - registers it
from tweets.models import Pin, Tweet
from tweets.polls.admin import PollAdmin  # noqa: F401 - registers it
from tweets.read.media import thumbnails
from tweets.visibility import Visibility

PRIVATE_TEXT = "(a direct tweet: only its author and those it mentions can read it)"
EXCERPT_LENGTH = 100
COUNTS = ("likes_count", "reposts_count", "quotes_count", "replies_count")


class Kind(admin.SimpleListFilter):
    """Filter tweets by what they refer to."""

    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the kinds of tweets that refer to another tweet."""
        return [("reply", "Replies"), ("repost", "Reposts"), ("quote", "Quotes")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Tweet]) -> QuerySet[Tweet]:
        """Return the tweets of the chosen kind."""
        fields = {"reply": "reply_to", "repost": "repost_of", "quote": "quote_of"}
        field = fields.get(self.value() or "")
        return queryset.filter(**{f"{field}__isnull": False}) if field else queryset


class State(admin.SimpleListFilter):
    """Filter tweets by whether they are visible, hidden or deleted."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the three states."""
        return [("standing", "Visible"), ("hidden", "Hidden"), ("deleted", "Deleted")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Tweet]) -> QuerySet[Tweet]:
        """Return the tweets in the chosen state."""
        if self.value() == "standing":
            return queryset.filter(deleted_at=None, hidden_at=None)
        if self.value() == "hidden":
            return queryset.filter(hidden_at__isnull=False)
        return queryset.filter(deleted_at__isnull=False) if self.value() == "deleted" else queryset


@admin.register(Tweet)
class TweetAdmin(ReadOnlyAdmin[Tweet]):
    """Tweets, newest first. Deleting has the same effect as when the author deletes a tweet.

    Direct tweets and places are not shown: operators may not read what was written to others.
    """

    list_display = ("id", "author", "excerpt", "state", "kind", "visibility", "created_at")
    list_display_links = ("id",)
    list_select_related = ("author",)
    list_filter = (State, Kind, "visibility", "sensitive")
    search_fields = ("text",)
    search_help_text = (
        "Enter an id, an author's @handle, or words from the text of one of the newest "
        f"{LOOKED_THROUGH:,} tweets."
    )
    fields = (
        *(
            "id",
            "author",
            "kind",
            "state",
            "shown_text",
            "shown_spoiler",
            "pictures",
            "sensitive",
            "visibility",
        ),
        *("reply_to_id", "quote_of_id", "repost_of_id", "conversation_id", *COUNTS),
        *("created_at", "edited_at", "deleted_at", "hidden_at"),
    )
    readonly_fields = fields
    actions = ("hide", "unhide")

    def has_delete_permission(self, request: HttpRequest, obj: Tweet | None = None) -> bool:
        """Return whether the operator has Django's permission to delete tweets."""
        return request.user.has_perm("tweets.delete_tweet")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Tweet], search_term: str
    ) -> tuple[QuerySet[Tweet], bool]:
        """Search by id or by @handle, which an index serves; otherwise by words of the text.

        Hidden and deleted tweets have an index as well.
        """
        term = search_term.strip()
        id_ = ids.parse(term)
        if id_ is not None:
            return queryset.filter(pk=id_), False
        if term.startswith("@"):
            author = User.objects.by_handle(term.removeprefix("@")).first()
            tweets = Tweet.objects.filter(author=author)
            existing, deleted = tweets.filter(deleted_at=None), tweets.exclude(deleted_at=None)
            return self.found(queryset, existing, deleted), False  # each of them has an index
        if not term and request.GET.get(State.parameter_name) in ("hidden", "deleted"):
            return queryset, False
        queryset = queryset.exclude(visibility=Visibility.DIRECT) if term else queryset
        return super().get_search_results(request, queryset, term)

    @admin.display(description="Kind")
    def kind(self, tweet: Tweet) -> str:
        """Return what the tweet refers to, such as "reply to 123", or just "tweet"."""
        references = [("repost of", tweet.repost_of_id), ("reply to", tweet.reply_to_id)]
        references += [("quote of", tweet.quote_of_id)]
        described = [f"{label} {id_}" for label, id_ in references if id_ is not None]
        return ", ".join(described) or "tweet"

    @admin.display(description="Text")
    def excerpt(self, tweet: Tweet) -> str:
        """Return the beginning of the text, short enough for a list."""
        text = self.shown_text(tweet)
        return text if len(text) <= EXCERPT_LENGTH else f"{text[:EXCERPT_LENGTH]}…"

    @admin.display(description="Text")
    def shown_text(self, tweet: Tweet) -> str:
        """Return the text, unless it is for the accounts that it mentions only."""
        return PRIVATE_TEXT if tweet.visibility == Visibility.DIRECT else tweet.text

    @admin.display(description="Warning")
    def shown_spoiler(self, tweet: Tweet) -> str:
        """Return the content warning, unless it belongs to a direct tweet."""
        return PRIVATE_TEXT if tweet.visibility == Visibility.DIRECT else tweet.spoiler

    @admin.display(description="Pictures")
    def pictures(self, tweet: Tweet) -> str:
        """Return small pictures of the media, unless the tweet is a direct one."""
        paths = ((get_script_prefix() + path,) for path in thumbnails(tweet))
        html = '<img src="{}" alt="" loading="lazy" height="120">'
        return format_html_join(" ", html, paths) or str(tweet.media_count)

    @admin.display(description="State")
    def state(self, tweet: Tweet) -> str:
        """Return "visible", "hidden" or "deleted"."""
        if tweet.deleted_at is not None:
            return "deleted"
        return "visible" if tweet.hidden_at is None else "hidden"

    @dangerous("Nobody sees these tweets any more, their authors included.")
    @admin.action(description="Hide", permissions=["moderate"])
    def hide(self, request: HttpRequest, queryset: QuerySet[Tweet]) -> None:
        """Hide the selected tweets from all users."""

        def act(tweet: Tweet) -> None:
            moderation.hide_tweet(tweet_id=tweet.pk, by=_operator(request))

        self.each(request, rows_of(queryset), act, "Hidden")

    @admin.action(description="Restore hidden tweets", permissions=["moderate"])
    def unhide(self, request: HttpRequest, queryset: QuerySet[Tweet]) -> None:
        """Make the selected hidden tweets visible again."""

        def act(tweet: Tweet) -> None:
            moderation.unhide_tweet(tweet_id=tweet.pk, by=_operator(request))

        self.each(request, rows_of(queryset), act, "Restored")

    def describe(self, row: Tweet) -> str:
        """Return the author, the beginning of the text and the id."""
        return f"{row.author}: {self.excerpt(row)} ({row.pk})"

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[Any, int], set[str], list[str]]:
        """Return only the tweets themselves for the confirmation page.

        Rows are kept, so no related objects are deleted with a tweet.
        """
        names = [self.describe(tweet) for tweet in objs]
        return names, {"tweets": len(names)}, set(), []

    def delete_model(self, request: HttpRequest, obj: Tweet) -> None:
        """Delete one tweet."""
        deleting.delete_tweet(author=obj.author, tweet_id=obj.pk)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Tweet]) -> None:
        """Delete several tweets."""
        for tweet in rows_of(queryset.select_related("author")):
            self.delete_model(request, tweet)


def _operator(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # the admin requires a signed-in user
    return request.user


@admin.register(Pin)
class PinAdmin(ReadOnlyAdmin[Pin]):
    """The tweets that people pinned to their profiles. They are only read."""

    list_display = ("tweet_id", "user")
    list_select_related = ("user",)
    search_fields = ("=tweet__id", "=user__handle")
    search_help_text = "Enter the id of a tweet or a handle."
    fields = ("tweet_id", "user")
    readonly_fields = fields
