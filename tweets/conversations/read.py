"""Read the conversations of direct tweets, for one viewer.

A conversation shows the newest of its direct tweets that the viewer may see and wants to see, and
is left out if there is none. Whether they may depends on the author of a tweet alone, apart from
what the query leaves out itself; so the newest tweet of each author is enough to find it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from chirp.errors import NotFound
from chirp.pagination import Page, PageRequest
from tweets.conversations.models import Conversation
from tweets.models import Mention, Tweet
from tweets.read.facts import Facts
from tweets.read.hydrate import hydrate
from tweets.read.lists import is_readable, loader
from tweets.read.paging import FilteredList, Rows, Scan, Window
from tweets.sql import conversations as sql
from tweets.visibility import Visibility


@dataclass(frozen=True, slots=True)
class DirectConversation:
    """A conversation: the newest tweet of it, and whether the viewer has not read that yet.

    `id` is the viewer's own: the first tweet of the conversation may be one that they may not see,
    whose id is nobody's business. `viewer` is the viewer's handle.
    """

    id: int
    newest: Facts
    unread: bool

    viewer: str

    @property
    def participants(self) -> list[str]:
        """The handles of the others: the author of the newest tweet, and those it mentions."""
        handles = dict.fromkeys([self.newest.handle, *(self.newest.mentions or ())])
        return [handle for handle in handles if handle != self.viewer]


@dataclass(frozen=True, slots=True)
class _Newest:
    """The conversations of a viewer as candidates for a list: the newest tweet of each."""

    viewer_id: int

    def read(self, scan: Scan) -> Window:
        """Return the next conversations beyond a position."""
        query = sql.CONVERSATIONS_ABOVE if scan.up else sql.CONVERSATIONS_BELOW
        rows = query.rows(viewer=self.viewer_id, position=scan.position, limit=scan.size)
        ids = [id_ for _, ids in rows for id_ in ids]
        found = hydrate(ids, viewer_id=self.viewer_id) if ids else []
        readable = {tweet.id for tweet in found if is_readable(tweet)}
        # A conversation without a readable tweet is a candidate that no list shows.
        newest = [(position, max(readable.intersection(ids), default=0)) for position, ids in rows]
        return Window(newest, rows[-1][0] if len(rows) == scan.size else None)


def conversations(*, viewer: User, page: PageRequest) -> Page[DirectConversation]:
    """Return the conversations of the viewer, the one with the newest direct tweet first."""
    found = FilteredList(_Newest(viewer.pk), loader(viewer, is_readable)).page(page)
    return Page(_with_state(viewer, found.results), found.next, found.previous, found.positions)


def access_conversation(*, viewer: User, conversation_id: int) -> DirectConversation:
    """Return one conversation. Raises NotFound if the viewer sees no direct tweet of it."""
    page = direct_tweets(viewer=viewer, conversation_id=conversation_id, page=PageRequest(limit=1))
    if not page.results:
        raise NotFound
    return _with_state(viewer, page.results)[0]


def direct_tweets(*, viewer: User, conversation_id: int, page: PageRequest) -> Page[Facts]:
    """Return the direct tweets of a conversation, newest first.

    Raises NotFound if the viewer sees none.
    """
    own = Conversation.objects.filter(user=viewer, pk=conversation_id).first()
    if own is None:
        raise NotFound
    mentioned = Exists(Mention.objects.filter(tweet=OuterRef("pk"), user=viewer))
    rows = Tweet.objects.filter(
        Q(author=viewer) | mentioned,
        conversation_id=own.conversation_id,
        visibility=Visibility.DIRECT,
        deleted_at=None,
        hidden_at=None,
    )
    found = FilteredList(Rows(rows), loader(viewer, is_readable)).page(page)
    if not (found.results or found.next or found.previous):
        raise NotFound
    return found


def conversation_of(newest: Facts) -> DirectConversation | None:
    """Return the conversation of a direct tweet for its viewer; None if they have none."""
    viewer = User.objects.filter(pk=newest.viewer_id).first()
    found = _with_state(viewer, [newest]) if viewer is not None else []
    return found[0] if found else None


def _with_state(viewer: User, newest: Sequence[Facts]) -> list[DirectConversation]:
    """Return the conversations of these tweets, with one query."""
    wanted = [tweet.conversation_id or 0 for tweet in newest]
    rows = Conversation.objects.filter(user=viewer, conversation_id__in=wanted)
    own = {row.conversation_id: row for row in rows}
    return [
        _conversation(viewer, own[tweet.conversation_id], tweet)
        for tweet in newest
        if tweet.conversation_id in own
    ]


def _conversation(viewer: User, own: Conversation, newest: Facts) -> DirectConversation:
    unread = not newest.mine and newest.id > own.read_up_to
    return DirectConversation(own.pk, newest, unread, viewer.handle)
