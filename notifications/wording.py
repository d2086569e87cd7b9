"""What a notification says, after the names of those who did it. No Django."""

from notifications.kinds import Kind

_SENTENCES = {
    Kind.MENTION: "mentioned you",
    Kind.REPLY: "replied to you",
    Kind.QUOTE: "quoted your tweet",
    Kind.REPOST: "reposted your tweet",
    Kind.LIKE: "liked your tweet",
    Kind.FOLLOW: "followed you",
    Kind.FOLLOW_REQUEST: "asked to follow you",
    Kind.TWEET: "wrote a tweet",
    Kind.EDIT: "edited a tweet that you reposted",
    Kind.POLL_ENDED: "ended a poll in which you voted",
}
# Without the name of an account.
_NOTICES = {Kind.POLL_ENDED: "Your poll has ended", Kind.MODERATION: "A notice from the moderators"}


def sentence(kind: Kind, *, has_actors: bool = True) -> str:
    """Return what happened: "liked your tweet", or a whole sentence where nobody did it."""
    return (_SENTENCES if has_actors else _NOTICES)[kind]
