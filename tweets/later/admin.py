"""The admin for scheduled tweets: what is due, without what it says, which is not public yet."""

from django.contrib import admin

from chirp.admin import ReadOnlyAdmin
from tweets.later.models import ScheduledTweet


@admin.register(ScheduledTweet)
class ScheduledTweetAdmin(ReadOnlyAdmin[ScheduledTweet]):
    """Scheduled tweets. One that stays after its time has failed: the log says why."""

    list_display = ("id", "user", "due_at")
    list_select_related = ("user",)
    search_fields = ("=user__handle",)
    search_help_text = "Enter a handle."
    fields = list_display
    readonly_fields = fields
