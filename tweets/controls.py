"""Who may reply to a tweet, and who may quote it. No Django."""

from enum import StrEnum

from chirp.texts import text as _


class RepliesFrom(StrEnum):
    """Who may reply in a conversation. Its first author always may.

    `FOLLOWED` are the accounts that the first author follows. Those that the first tweet mentions
    may reply too, except with `NOBODY`.
    """

    EVERYONE = "everyone"
    FOLLOWED = "followed"
    MENTIONED = "mentioned"
    NOBODY = "nobody"


class QuotesFrom(StrEnum):
    """Who may quote a tweet. Its author always may."""

    EVERYONE = "everyone"
    FOLLOWERS = "followers"
    NOBODY = "nobody"


REPLIES_CHOICES = [
    (RepliesFrom.EVERYONE.value, _("Everyone can reply")),
    (RepliesFrom.FOLLOWED.value, _("People you follow can reply")),
    (RepliesFrom.MENTIONED.value, _("People you mention can reply")),
    (RepliesFrom.NOBODY.value, _("Nobody else can reply")),
]
QUOTES_CHOICES = [
    (QuotesFrom.EVERYONE.value, _("Everyone can quote")),
    (QuotesFrom.FOLLOWERS.value, _("Followers can quote")),
    (QuotesFrom.NOBODY.value, _("Nobody else can quote")),
]
CONTROL_LENGTH = 9
