"""The wording of the status page: names, states, and their consequences for users."""

from dataclasses import dataclass

from django.utils.translation import gettext, ngettext

from chirp import localized
from operations.status import AWAY, PARTLY, UNKNOWN, UP, Part, Status
from web.lazy import gettext_lazy as _

SITE = ("web", "database", "replicas", "timelines")
WORDS = {
    UP: _("Up"),
    PARTLY: _("Partly up"),
    AWAY: _("Away"),
    UNKNOWN: _("Unknown"),
    "on_time": _("On time"),
    "late": _("Late"),
}
HEADLINES = {
    "well": (_("All is well"), _("Every part is there, and posts arrive.")),
    "partly": (
        _("It works, with less than usual"),
        _("Some machines have fallen silent. The others do their work."),
    ),
    "unwell": (
        _("Something is wrong"),
        _("Not everything works right now. What does, and what does not, is below."),
    ),
}
WAITING = _("New posts wait meanwhile. None is lost.")
# The name of each part, its purpose, and the consequences of its absence.
PARTS = {
    "web": (_("Web"), _("Pages and the API."), ""),
    "database": (
        _("Database"),
        _("Everything that people wrote."),
        _("Nothing can be read or posted until it is back. What was posted is safe."),
    ),
    "replicas": (
        _("Copies of the database"),
        _("Answer those who read."),
        _("The database itself answers meanwhile."),
    ),
    "timelines": (
        _("Timelines"),
        _("Ready-made timelines, so that home is fast."),
        _("Home comes from the database meanwhile: as right as ever, a little slower."),
    ),
    "queue": (_("Queue"), _("Takes new posts to the workers."), WAITING),
    "relay": (_("Relay"), _("Hands new posts to the queue."), WAITING),
    "worker-fanout": (_("Workers for posts"), _("Bring posts to their readers."), WAITING),
    "worker-background": (
        _("Workers for the rest"),
        _("Follows, and other things that may take a moment."),
        _("It is done when they are back. Nothing is lost."),
    ),
    "scheduler": (
        _("Scheduler"),
        _("What is due at a certain time."),
        _("It is done when the scheduler is back."),
    ),
    "stream": (
        _("Live updates"),
        _("Tell open pages and apps what is new."),
        _(
            "What is new is there when a page is loaded again. Pages and apps come back by "
            "themselves."
        ),
    ),
}
COPIES_ANSWER = _(
    "Pages can be read, but nothing can be posted until it is back. What was posted is safe."
)
HERD_AWAY = _("The other servers do its work.")
HERD_ABOUT = _("The location servers. They take reports of places, and answer what is near.")
PARTLY_MEANS = _("Some machines have fallen silent. The others do their work.")
UNKNOWN_MEANS = _("Nobody can tell right now.")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the page: a part, its state in a word, and the consequences of that state."""

    name: str
    state: str
    word: str
    text: str


@dataclass(frozen=True, slots=True)
class Group:
    """The lines below one heading."""

    id: str
    title: str
    about: str
    rows: list[Row]


def groups(status: Status) -> list[Group]:
    """All groups of lines, in their order."""
    site = [_row(part, status) for part in status.parts if part.key in SITE]
    delivery = [_row(part, status) for part in status.parts if part.key not in SITE]
    shown = [
        Group("site", gettext("The site"), "", site),
        Group("delivery", gettext("Delivery of posts"), "", [_posts(status), *delivery]),
    ]
    if status.herd is not None:
        servers = [_server(part) for part in status.herd]
        shown.append(Group("herd", gettext("The herd"), HERD_ABOUT, servers))
    return shown


def _row(part: Part, status: Status) -> Row:
    own = part.key.removeprefix("worker-").capitalize()
    name, about, away = PARTS.get(
        part.key,
        (gettext("Workers: %(name)s") % {"name": own}, gettext("Work behind the scenes."), WAITING),
    )
    if part.key == "database" and status.has_copies:
        away = COPIES_ANSWER
    return _said(part, name, about, away)


def _server(part: Part) -> Row:
    if part.key == "herd":  # its settings cannot be read
        return _said(part, gettext("The herd"), "", "")
    return _said(part, part.key, "", HERD_AWAY)


def _said(part: Part, name: str, about: str, away: str) -> Row:
    means = {UP: about, PARTLY: PARTLY_MEANS, AWAY: away, UNKNOWN: UNKNOWN_MEANS}
    return Row(name, part.state, WORDS[part.state], means[part.state])


def _posts(status: Status) -> Row:
    return Row(gettext("Posts"), status.posts, WORDS[status.posts], waiting(status.waited))


def waiting(seconds: float | None) -> str:
    """The age of the oldest undelivered post, in words."""
    if seconds is None:
        return gettext("Nobody can tell right now how long they wait.")
    if seconds < 1:
        return gettext("All of them have arrived, or will in a moment.")
    return gettext(
        "The oldest one that has not arrived everywhere has waited for %(duration)s."
    ) % {"duration": span(seconds)}


def span(seconds: float) -> str:
    """A duration in its largest unit, rounded down: `3 minutes`."""
    if seconds >= 86_400:
        return _counted("%(num)s day", "%(num)s days", seconds / 86_400)
    if seconds >= 3_600:
        return _counted("%(num)s hour", "%(num)s hours", seconds / 3_600)
    if seconds >= 60:
        return _counted("%(num)s minute", "%(num)s minutes", seconds / 60)
    return _counted("%(num)s second", "%(num)s seconds", seconds)


def _counted(singular: str, plural: str, number: float) -> str:
    return ngettext(singular, plural, int(number)) % {"num": localized.number(int(number))}
