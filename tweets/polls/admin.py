"""The admin for polls: they are only read. Who voted for what is not shown."""

from django.contrib import admin

from chirp.admin import ReadOnlyAdmin
from tweets.polls.models import Poll
from tweets.visibility import Visibility

PRIVATE = "(in a direct tweet)"


@admin.register(Poll)
class PollAdmin(ReadOnlyAdmin[Poll]):
    """Polls, newest first."""

    list_display = ("tweet_id", "author", "voters", "ends_at", "ended_at")
    list_select_related = ("tweet__author",)
    list_filter = ("multiple", "hide_results")
    search_fields = ("=tweet__id",)
    search_help_text = "Enter the id of a tweet."
    fields = (
        *("tweet_id", "author", "shown_choices", "shown_votes", "voters"),
        *("multiple", "hide_results", "ends_at", "ended_at"),
    )
    readonly_fields = fields

    @admin.display(description="Author")
    def author(self, poll: Poll) -> str:
        """Return the account that asked."""
        return str(poll.tweet.author)

    @admin.display(description="Choices")
    def shown_choices(self, poll: Poll) -> str:
        """Return the choices, unless the tweet is for the accounts that it mentions only."""
        return PRIVATE if _is_direct(poll) else " / ".join(poll.choices)

    @admin.display(description="Votes")
    def shown_votes(self, poll: Poll) -> str:
        """Return the votes for each choice, with the same exception."""
        return PRIVATE if _is_direct(poll) else " / ".join(map(str, poll.votes))


def _is_direct(poll: Poll) -> bool:
    return poll.tweet.visibility == Visibility.DIRECT
