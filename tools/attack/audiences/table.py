"""Who may see what: the expectation, written down from the rules and not from the code."""

from enum import Enum


class See(Enum):
    """Whether a viewer may see something."""

    YES = "yes"
    NAMED = "only where the request names the tweet or its author"
    NO = "no"


VIEWERS = (
    "nobody",  # signed out
    "stranger",  # has asked to follow the private account, and nothing else
    "follower",
    "mentioned",  # in every secret; follows none of the authors
    "answered",  # the author of the tweet that replies answer and quotes quote
    "blocked",  # by the authors; followed them before
    "blocker",  # blocks the authors
    "author",
)
Row = dict[str, See]
NO_ONE: Row = dict.fromkeys(VIEWERS, See.NO)
OPEN: Row = {**dict.fromkeys(VIEWERS, See.YES), "blocked": See.NO, "blocker": See.NAMED}
DIRECT: Row = {**NO_ONE, "mentioned": See.YES, "author": See.YES}
FOLLOWERS: Row = {**DIRECT, "follower": See.YES}
# A reply reaches the account that it answers, whoever follows whom.
REPLY: Row = {**FOLLOWERS, "answered": See.YES}
OWN: Row = {**NO_ONE, "author": See.YES}  # what an account makes for itself alone

# By (subject, form).
TABLE: dict[tuple[str, str], Row] = {
    ("public", "tweet"): OPEN,
    ("private", "tweet"): FOLLOWERS,  # of an account that went private afterwards
    ("private", "reply"): REPLY,
    ("private", "quote"): FOLLOWERS,
    ("followers", "tweet"): FOLLOWERS,
    ("followers", "reply"): REPLY,
    ("direct", "tweet"): DIRECT,
    ("direct", "reply"): DIRECT,
    ("deleted", "tweet"): NO_ONE,
    ("hidden", "tweet"): NO_ONE,  # by a moderator
    ("suspended", "tweet"): NO_ONE,
    ("deactivated", "tweet"): NO_ONE,
    # What a profile says about its owner: blocked accounts see a bare one.
    ("public", "bio"): OPEN | {"blocker": See.YES},
    ("private", "bio"): OPEN | {"blocker": See.YES},
    ("suspended", "bio"): NO_ONE,
    ("deactivated", "bio"): NO_ONE,
    # Who follows a private account.
    ("private", "fan"): {**NO_ONE, "follower": See.YES, "author": See.YES},
}
GONE = frozenset({"suspended", "deactivated"})  # accounts that nobody finds
SHORT_SUBJECTS = frozenset({"private", "suspended", "deactivated"})  # of the short form
SHORT_VIEWERS = ("nobody", "stranger", "follower", "blocked")
STAFF = frozenset({"suspended", "hidden"})  # what only staff can do
