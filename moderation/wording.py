"""What the owner of an account reads about a strike."""

from chirp.texts import Text
from chirp.texts import text as _
from moderation.models import Action

_DONE = {
    Action.WARN: _("The moderators warn you."),
    Action.SENSITIVE: _("The moderators marked tweets of yours as sensitive."),
    Action.HIDE_MEDIA: _("The moderators hid pictures or videos of tweets of yours."),
    Action.REMOVE: _("The moderators removed tweets of yours."),
    Action.LIMIT: _(
        "The moderators limited your account: your followers read you as before, and nobody else "
        "finds your tweets in lists and search."
    ),
    Action.SUSPEND: _("The moderators suspended your account: nobody sees it and its tweets."),
    Action.DELETE: _(
        "The moderators suspended your account, and it will be deleted for good after 30 days, "
        "unless you appeal and they take that back."
    ),
}


def done(action: str) -> Text:
    """Return what a strike did, as a sentence."""
    return _DONE[Action(action)]


def decision(action: str, reason: str) -> Text:
    """Return what a strike did, and why."""
    return _("%(done)s The reason: %(reason)s", done=done(action), reason=reason)


def lifted(action: str) -> Text:
    """Return what became of a strike that was lifted."""
    return _("The moderators took a decision back. It was: %(done)s", done=done(action))


def appealed(action: str, *, accepted: bool, answer: str) -> Text:
    """Return what became of an appeal."""
    if accepted:
        text = _(
            "The moderators read your appeal and accepted it, and took the decision back. It was "
            "about this: %(done)s",
            done=done(action),
        )
    else:
        text = _(
            "The moderators read your appeal and turned it down. It was about this: %(done)s",
            done=done(action),
        )
    return _("%(text)s Their answer: %(answer)s", text=text, answer=answer) if answer else text
