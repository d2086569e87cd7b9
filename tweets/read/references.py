"""What a process remembers of tweets: which others they refer to, and who wrote those.

With it a page is loaded by the flat query of tweets/sql/facts.py. Otherwise the query has to find
the tweets that those of the page refer to, one kind after another, which takes a third of its time.

It only says which ids to ask for, and is never shown. The query returns what was remembered as it
is now (`CHECKED`), and if any of it differs, the page is loaded without it. So nothing that changes
has to be announced to the processes.

Most tweets are remembered. Those for some viewers only, by private accounts, in conversations with
limited replies, or that refer to a tweet which does not exist any more are not: their facts need
more tables.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, NamedTuple

from tweets.controls import RepliesFrom
from tweets.read.facts import COLUMNS, FLAGS, Facts, is_open_to_all

MOST = 10_000  # tweets, about half a kilobyte each
MOST_VIEWERS = 1_000
MOST_OWN = 60
CHECKED = (
    "author_id",
    "visibility",
    "reply_to_id",
    "reply_to_author_id",
    "conversation_id",
    "repost_of_id",
    "quote_of_id",
    "replies_from",
)
# They stand together in a row, so that it takes one comparison.
_FROM = COLUMNS.index(CHECKED[0])
_PLACE = slice(_FROM, _FROM + len(CHECKED))
_TEXT, _FLAGS = COLUMNS.index("text"), len(COLUMNS)
_PRIVATE = 1 << FLAGS.index("private")
_checked = attrgetter(*CHECKED)


class Surroundings(NamedTuple):
    """What a query needs that loads a tweet: ids of tweets, of accounts, and of tweets with links.

    The tweet itself and its author are among them.
    """

    ids: frozenset[int]
    accounts: frozenset[int]
    linking: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Known:
    checked: tuple[Any, ...]
    # None for a tweet that was only loaded because another one refers to it.
    surroundings: Surroundings | None


_known: dict[int, _Known] = {}
_own: dict[int, tuple[int, ...]] = {}  # by viewer, newest first


def own_of(viewer_id: int | None) -> tuple[int, ...]:
    """Return the ids of the viewer's own tweets that were on pages, newest first."""
    return _own.get(viewer_id or 0, ())


def surroundings_of(ids: Iterable[int]) -> Surroundings | None:
    """Return what a query needs that loads these tweets; None if that is not known."""
    found = []
    for id_ in ids:
        known = _known.get(id_)
        if known is None or known.surroundings is None:
            return None
        found.append(known.surroundings)
    return Surroundings(*map(frozenset().union, *found)) if found else None


def still_hold(rows: Sequence[tuple[Any, ...]], needed: Surroundings) -> bool:
    """Return whether all rows of a query have what was remembered when it was made."""
    if len(rows) != len(needed.ids):
        return False
    for row in rows:
        known = _known.get(row[0])
        if known is None or row[_PLACE] != known.checked or row[_FLAGS] & _PRIVATE:
            return False
        if "." in row[_TEXT] and row[0] not in needed.linking:
            return False
    return True


def remember(tweets: Iterable[Facts]) -> None:
    """Remember the tweets of a page, which were loaded with all that they refer to."""
    if len(_known) > MOST:
        _known.clear()
    for tweet in tweets:
        if _is_plain(tweet):
            _remember(tweet)


def remember_own(viewer_id: int, ids: Iterable[int], *, above: int, below: int) -> None:
    """Remember which tweets of the viewer are between two ids."""
    if len(_own) > MOST_VIEWERS:
        _own.clear()
    others = [id_ for id_ in own_of(viewer_id) if not above < id_ < below]
    _own[viewer_id] = tuple(sorted({*ids, *others}, reverse=True)[:MOST_OWN])


def forget(ids: Iterable[int]) -> None:
    """Forget tweets of which not all is as it was."""
    for id_ in ids:
        _known.pop(id_, None)


def forget_all() -> None:
    """Forget everything."""
    _known.clear()
    _own.clear()


def _remember(tweet: Facts) -> None:
    before = _known.get(tweet.id)
    if before is not None and before.surroundings is not None:
        return
    shown = _shown(tweet)
    parts = [*shown, *_above(shown)]
    surroundings = _surroundings(parts)
    if not all(map(_is_plain, parts)) or _missing(shown, parts, surroundings.ids):
        return
    for part in parts:
        checked, before = _checked(part), _known.get(part.id)
        if before is None or before.checked != checked:
            _known[part.id] = _Known(checked, None)
    _known[tweet.id] = _Known(_checked(tweet), surroundings)


def _is_plain(tweet: Facts) -> bool:
    return is_open_to_all(tweet) and tweet.replies_from == RepliesFrom.EVERYONE


def _shown(tweet: Facts) -> list[Facts]:
    """The tweet, its original, and what either of them quotes."""
    own = [tweet, tweet.original] if tweet.original else [tweet]
    return [*own, *(each.quoted for each in own if each.quoted is not None)]


def _above(shown: Iterable[Facts]) -> list[Facts]:
    """Of replies among these, the parent and the first tweet of the conversation."""
    found = [(each.parent, each.root) for each in shown if each.reply_to_id is not None]
    return [each for pair in found for each in pair if each is not None]


def _missing(shown: Sequence[Facts], parts: Iterable[Facts], ids: frozenset[int]) -> set[int]:
    """The ids that the flat query would need beside these."""
    needed = {each.reply_to_id for each in shown} | {shown[0].quote_of_id}
    if shown[0].original is not None:
        needed.add(shown[0].original.quote_of_id)
    for part in parts:  # marks are those of originals, and a mute is one of a conversation
        needed |= {part.repost_of_id, part.conversation_id}
    return {id_ for id_ in needed if id_ is not None and id_ not in ids}


def _surroundings(parts: Sequence[Facts]) -> Surroundings:
    answered = {part.reply_to_author_id for part in parts if part.reply_to_author_id is not None}
    return Surroundings(
        ids=frozenset(part.id for part in parts),
        accounts=frozenset(part.author_id for part in parts) | answered,
        linking=frozenset(part.id for part in parts if "." in part.text),
    )
