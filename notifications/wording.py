"""What a notification says. No Django."""

from chirp.texts import Text, both, ntext, text
from chirp.texts import text as _
from notifications.kinds import Kind

NAME = "%(first)s"

# By how many people did it: in other languages the verb differs.
_SENTENCES = {
    Kind.MENTION: both("%(who)s mentioned you", "%(who)s mentioned you"),
    Kind.REPLY: both("%(who)s replied to you", "%(who)s replied to you"),
    Kind.QUOTE: both("%(who)s quoted your tweet", "%(who)s quoted your tweet"),
    Kind.REPOST: both("%(who)s reposted your tweet", "%(who)s reposted your tweet"),
    Kind.LIKE: both("%(who)s liked your tweet", "%(who)s liked your tweet"),
    Kind.FOLLOW: both("%(who)s followed you", "%(who)s followed you"),
    Kind.FOLLOW_REQUEST: both("%(who)s asked to follow you", "%(who)s asked to follow you"),
    Kind.TWEET: both("%(who)s wrote a tweet", "%(who)s wrote a tweet"),
    Kind.EDIT: both(
        "%(who)s edited a tweet that you reposted", "%(who)s edited a tweet that you reposted"
    ),
    Kind.QUOTED_EDIT: both(
        "%(who)s edited a tweet that you quoted", "%(who)s edited a tweet that you quoted"
    ),
    Kind.POLL_ENDED: both(
        "%(who)s ended a poll in which you voted", "%(who)s ended a poll in which you voted"
    ),
}
# Without the name of an account.
_NOTICES = {
    Kind.POLL_ENDED: _("Your poll has ended"),
    Kind.MODERATION: _("A notice from the moderators"),
}


def sentence(kind: Kind, *, who: str, count: int) -> Text:
    """What `count` people did, whom `who` names: "Ann and Bob liked your tweet".

    It is a notice without a name where nobody did it: `count` is 0.
    """
    if not count:
        return _NOTICES[kind]
    return ntext(*_SENTENCES[kind], count, who=who)


def names(first: str, second: str = "", *, others: int = 0) -> Text:
    """One name, two, or one and how many others."""
    if others:
        return ntext(
            "%(first)s and %(num)s other", "%(first)s and %(num)s others", others, first=first
        )
    if second:
        return _("%(first)s and %(second)s", first=first, second=second)
    return text(NAME, first=first)
