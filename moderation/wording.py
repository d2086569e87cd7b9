"""What the owner of an account reads about a strike."""

from moderation.models import Action

_DONE = {
    Action.WARN: "The moderators warn you.",
    Action.SENSITIVE: "The moderators marked tweets of yours as sensitive.",
    Action.HIDE_MEDIA: "The moderators hid pictures or videos of tweets of yours.",
    Action.REMOVE: "The moderators removed tweets of yours.",
    Action.LIMIT: (
        "The moderators limited your account: your followers read you as before, and nobody else "
        "finds your tweets in lists and search."
    ),
    Action.SUSPEND: "The moderators suspended your account: nobody sees it and its tweets.",
    Action.DELETE: (
        "The moderators suspended your account, and it will be deleted for good after 30 days, "
        "unless you appeal and they take that back."
    ),
}


def done(action: str) -> str:
    """Return what a strike did, as a sentence."""
    return _DONE[Action(action)]


def decision(action: str, reason: str) -> str:
    """Return what a strike did, and why."""
    return f"{done(action)} The reason: {reason}"


def lifted(action: str) -> str:
    """Return what became of a strike that was lifted."""
    return f"The moderators took a decision back. It was: {done(action)}"


def appealed(action: str, *, accepted: bool, answer: str) -> str:
    """Return what became of an appeal."""
    outcome = "accepted it, and took the decision back" if accepted else "turned it down"
    text = f"The moderators read your appeal and {outcome}. It was about this: {done(action)}"
    return f"{text} Their answer: {answer}" if answer else text
