"""The wording of the status page: names, states, and their consequences for users."""

from dataclasses import dataclass

from operations.status import AWAY, PARTLY, UNKNOWN, UP, Part, Status

SITE = ("web", "database", "timelines")
WORDS = {
    UP: "Up",
    PARTLY: "Partly up",
    AWAY: "Away",
    UNKNOWN: "Unknown",
    "on_time": "On time",
    "late": "Late",
}
HEADLINES = {
    "well": ("All is well", "Every part is there, and posts arrive."),
    "partly": (
        "It works, with less than usual",
        "Some machines have fallen silent. The others do their work.",
    ),
    "unwell": (
        "Something is wrong",
        "Not everything works right now. What does, and what does not, is below.",
    ),
}
WAITING = "New posts wait meanwhile. None is lost."
# The name of each part, its purpose, and the consequences of its absence.
PARTS = {
    "web": ("Web", "Pages and the API.", ""),
    "database": (
        "Database",
        "Everything that people wrote.",
        "Nothing can be read or posted until it is back. What was posted is safe.",
    ),
    "timelines": (
        "Timelines",
        "Ready-made timelines, so that home is fast.",
        "Home comes from the database meanwhile: as right as ever, a little slower.",
    ),
    "queue": ("Queue", "Takes new posts to the workers.", WAITING),
    "relay": ("Relay", "Hands new posts to the queue.", WAITING),
    "worker-fanout": ("Workers for posts", "Bring posts to their readers.", WAITING),
    "worker-background": (
        "Workers for the rest",
        "Follows, and other things that may take a moment.",
        "It is done when they are back. Nothing is lost.",
    ),
    "scheduler": (
        "Scheduler",
        "What is due at a certain time.",
        "It is done when the scheduler is back.",
    ),
    "stream": (
        "Live updates",
        "Tell open pages and apps what is new.",
        "What is new is there when a page is loaded again. Pages and apps come back by themselves.",
    ),
}
HERD_AWAY = "The other servers do its work."
HERD_ABOUT = "The location servers. They take reports of places, and answer what is near."
PARTLY_MEANS = "Some machines have fallen silent. The others do their work."
UNKNOWN_MEANS = "Nobody can tell right now."


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
    site = [_row(part) for part in status.parts if part.key in SITE]
    delivery = [_row(part) for part in status.parts if part.key not in SITE]
    shown = [
        Group("site", "The site", "", site),
        Group("delivery", "Delivery of posts", "", [_posts(status), *delivery]),
    ]
    if status.herd is not None:
        servers = [_server(part) for part in status.herd]
        shown.append(Group("herd", "The herd", HERD_ABOUT, servers))
    return shown


def _row(part: Part) -> Row:
    own = part.key.removeprefix("worker-").capitalize()
    name, about, away = PARTS.get(part.key, (f"Workers: {own}", "Work behind the scenes.", WAITING))
    return _said(part, name, about, away)


def _server(part: Part) -> Row:
    if part.key == "herd":  # its settings cannot be read
        return _said(part, "The herd", "", "")
    return _said(part, part.key, "", HERD_AWAY)


def _said(part: Part, name: str, about: str, away: str) -> Row:
    means = {UP: about, PARTLY: PARTLY_MEANS, AWAY: away, UNKNOWN: UNKNOWN_MEANS}
    return Row(name, part.state, WORDS[part.state], means[part.state])


def _posts(status: Status) -> Row:
    return Row("Posts", status.posts, WORDS[status.posts], waiting(status.waited))


def waiting(seconds: float | None) -> str:
    """The age of the oldest undelivered post, in words."""
    if seconds is None:
        return "Nobody can tell right now how long they wait."
    if seconds < 1:
        return "All of them have arrived, or will in a moment."
    return f"The oldest one that has not arrived everywhere has waited for {span(seconds)}."


def span(seconds: float) -> str:
    """A duration in its largest unit, rounded down: `3 minutes`."""
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            return _many(int(seconds // length), unit)
    return _many(int(seconds), "second")


def _many(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
