"""Completions of what is typed into the search box: handles and hashtags."""

from typing import NamedTuple

from accounts.models import User
from search.hashtags import Used, complete_hashtags
from search.people import complete_people
from search.query import MAX_LENGTH

MOST = 5  # of each kind


class Completions(NamedTuple):
    """The people and hashtags that the last word of a query could mean."""

    people: list[User]
    hashtags: list[Used]


def complete(*, viewer: User | None, query: str) -> Completions:
    """Return completions for the last word of a query. `@` asks for people, `#` for hashtags.

    Any text has completions or none. Makes three queries at most.
    """
    word = query[:MAX_LENGTH].rpartition(" ")[2]
    beginning = word.lstrip("-@#＠＃").removeprefix("from:").removeprefix("to:").lstrip("@")
    people = (
        []
        if word[:1] in ("#", "＃")
        else complete_people(viewer=viewer, beginning=beginning, limit=MOST)
    )
    hashtags = (
        []
        if word[:1] in ("@", "＠") or ":" in word
        else complete_hashtags(beginning=beginning, limit=MOST)
    )
    return Completions(people, hashtags)
