"""The kinds of notifications. No Django."""

from enum import StrEnum

from chirp.errors import ChirpError
from chirp.texts import text as _


class Kind(StrEnum):
    """What a notification is about. The values are part of the API."""

    MENTION = "mention"
    REPLY = "reply"
    QUOTE = "quote"
    REPOST = "repost"
    LIKE = "like"
    FOLLOW = "follow"
    FOLLOW_REQUEST = "follow_request"
    TWEET = "tweet"  # of an account that the recipient asked to hear of
    EDIT = "edit"  # of a tweet that the recipient reposted
    QUOTED_EDIT = "quoted_edit"  # of a tweet that the recipient quoted
    POLL_ENDED = "poll_ended"
    MODERATION = "moderation"


LABELS = {
    Kind.MENTION: _("Mentions"),
    Kind.REPLY: _("Replies"),
    Kind.QUOTE: _("Quotes"),
    Kind.REPOST: _("Reposts"),
    Kind.LIKE: _("Likes"),
    Kind.FOLLOW: _("New followers"),
    Kind.FOLLOW_REQUEST: _("Follow requests"),
    Kind.TWEET: _("Tweets of accounts with the bell on"),
    Kind.EDIT: _("Edits of tweets that you reposted"),
    Kind.QUOTED_EDIT: _("Edits of tweets that you quoted"),
    Kind.POLL_ENDED: _("Polls that ended"),
    Kind.MODERATION: _("Notices from moderators"),
}
CHOICES = [(str(kind), label) for kind, label in LABELS.items()]

# What accounts say to somebody: the tab "Mentions".
TALK = (Kind.MENTION, Kind.REPLY, Kind.QUOTE)
# What they do with somebody's tweets: the tab "Reactions".
MARKS = (Kind.REPOST, Kind.LIKE)
# Without a tweet: the group is about a period, or about all that are pending.
ABOUT_PEOPLE = (Kind.FOLLOW, Kind.FOLLOW_REQUEST)
# What strangers may always do, since otherwise nobody could become acquainted.
OPEN_TO_STRANGERS = (*ABOUT_PEOPLE, Kind.POLL_ENDED, Kind.MODERATION)
# The digest leaves out what is frequent, unless its reader asks for it.
MAILED = (*TALK, *OPEN_TO_STRANGERS)


class BadKinds(ChirpError):
    """A list of kinds has an unknown name."""

    message = _("Must be some of %(names)s, separated by commas.", names=", ".join(Kind))
    field = "kinds"


def parse_kinds(text: str | None) -> list[Kind]:
    """Return the kinds in a text such as "mention,reply"; None has none. Raises BadKinds."""
    try:
        return [] if text is None else [Kind(name) for name in text.split(",")]
    except ValueError:
        raise BadKinds from None
