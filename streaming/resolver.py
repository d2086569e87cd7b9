"""From what happened to what is written to whom. Runs in a thread, and asks Postgres.

Every rule is applied here, for each reader, before anything is written: of home by
timelines/live.py, of notifications by their selectors. What looks alike to several readers is
written once for all of them (tweets/read/looks.py).
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import groupby
from operator import attrgetter

from accounts.models import User
from accounts.streams import Stream
from chirp.redis.live_log import Entry, Message
from notifications.models import Group, Notification
from streaming import mastodon_voice, native_voice
from streaming.connections import Connection
from streaming.elsewhere import elsewhere
from streaming.outcome import Outcome
from streaming.readers import ByUser, Readers
from timelines import live
from tweets.models import Tweet
from tweets.read.facts import Facts, may_see
from tweets.read.hydrate import hydrate_for
from tweets.read.looks import alike

HOME: Stream = ("home", "")
NOTIFICATIONS: Stream = ("notifications", "")
CONVERSATIONS: Stream = ("conversations", "")
USER: Stream = ("user", "")
USER_NOTIFICATION: Stream = ("user:notification", "")
DIRECT: Stream = ("direct", "")
REMEMBERED = 10_000  # ids of events, which may be told twice
_base = attrgetter("opening.base")


class Resolver:
    """Resolves the entries of the log. It leaves out those that it has resolved before."""

    def __init__(self) -> None:
        self._seen: dict[int, None] = {}

    def resolve(self, entries: Iterable[Entry], readers: Readers) -> Outcome:
        """Return what has to be written because of these entries."""
        found = _Batch(readers)
        for entry in entries:
            if self._is_new(entry):
                found.add(entry.message)
        found.count()
        return found.outcome

    def forget(self, entries: Iterable[Entry]) -> None:
        """Forget entries that could not be resolved, so that they are tried again."""
        for entry in entries:
            self._seen.pop(entry.message.get("id", 0), None)

    def _is_new(self, entry: Entry) -> bool:
        id_ = entry.message.get("id")
        if id_ is None or id_ in self._seen:
            return False
        self._seen[id_] = None
        if len(self._seen) > REMEMBERED:
            del self._seen[next(iter(self._seen))]
        return True


class _Batch:
    """Some events, for the same readers."""

    def __init__(self, readers: Readers) -> None:
        self.outcome = Outcome()
        self._readers = readers
        self._counted: set[int] = set()

    def add(self, message: Message) -> None:
        """Resolve one event. Those of other topics are not for streams."""
        topic, cause = message["topic"], message.get("traceparent")
        handle = HANDLERS.get(topic)
        if handle is not None and (self._readers or topic == SIGN_INS_ENDED):
            with self.outcome.traced(cause):
                handle(self, **message["payload"])

    def posted(self, tweet_id: int) -> None:
        """A tweet, reply, quote or repost belongs into the homes of some."""
        self._note_counted(tweet_id)
        found = live.homes(tweet_id, self._readers.accounts(HOME, USER))
        for group in alike(found):
            self._tell_tweet(group, {HOME: "home", USER: "update"})
        for tweet in live.addressed(tweet_id, self._readers.accounts(CONVERSATIONS, DIRECT)):
            self._tell_conversation(tweet)
        self._tell_elsewhere(tweet_id, "update")

    def edited(self, tweet_id: int) -> None:
        """A tweet has another text for those who have it in home, or a repost of it."""
        found = live.readers_of(tweet_id, self._readers.accounts(HOME, USER))
        for group in alike(found):
            self._tell_tweet(group, {HOME: "edit", USER: "status.update"})
        self._tell_elsewhere(tweet_id, "status.update")

    def gone(self, tweet_id: int) -> None:
        """A tweet disappeared for those who had it in home, or a repost of it."""
        self._note_counted(tweet_id)
        viewers = live.were_homes(tweet_id, self._readers.accounts(HOME, USER))
        self._put(HOME, "delete", b'{"id":"%d"}' % tweet_id, viewers)
        self._put(USER, "delete", b"%d" % tweet_id, viewers)
        for stream, seeing in elsewhere(tweet_id, self._readers, was=True):
            self._put(stream, "delete", b"%d" % tweet_id, [t.viewer_id or 0 for t in seeing])

    def _tell_elsewhere(self, tweet_id: int, event: str) -> None:
        for stream, seeing in elsewhere(tweet_id, self._readers):
            for group in alike(seeing):
                self._tell_tweet(group, {stream: event})

    def notified(
        self, recipient_ids: Sequence[int], groups: Sequence[int], new: Sequence[int]
    ) -> None:
        """Notifications of some accounts appeared, changed, or disappeared."""
        listening = self._readers.accounts(NOTIFICATIONS, USER, USER_NOTIFICATION)
        present = listening.intersection(recipient_ids)
        if not present:
            return
        changed = list(Group.objects.filter(pk__in=groups, recipient__in=present).order_by("pk"))
        appeared = Notification.objects.filter(pk__in=new, recipient_id__in=present).order_by("pk")
        singles = list(appeared)
        for viewer in User.objects.active().filter(pk__in=present):
            self._tell_groups(viewer, [g.pk for g in changed if g.recipient_id == viewer.pk])
            self._tell_singles(viewer, [n.pk for n in singles if n.recipient_id == viewer.pk])

    def liked(self, tweet_id: int, user_id: int) -> None:
        """A tweet has another number of likes."""
        self._counted.add(tweet_id)

    def ended(self, user_id: int) -> None:
        """Sign-ins of an account ended."""
        self.outcome.check.add(user_id)

    def count(self) -> None:
        """Tell the counts that changed to those who see the tweets on their screens."""
        watched = self._counted.intersection(self._readers.watched)
        for tweet_id in watched:
            self._tell_counts(tweet_id, self._readers.watching(tweet_id))

    def _note_counted(self, tweet_id: int) -> None:
        if self._readers.watched:
            names = ("reply_to_id", "quote_of_id", "repost_of_id")
            rows = Tweet.objects.filter(pk=tweet_id).values_list(*names)
            self._counted.update(id_ for row in rows for id_ in row if id_ is not None)

    def _tell_tweet(self, group: Sequence[Facts], events: Mapping[Stream, str]) -> None:
        viewers = [tweet.viewer_id or 0 for tweet in group]
        for stream, event in events.items():
            voice = native_voice if stream == HOME else mastodon_voice
            for base, some in _by_base(self._listening(stream, viewers)):
                self.outcome.put(stream, event, voice.tweet(group[0], base), some)

    def _tell_conversation(self, tweet: Facts) -> None:
        viewers = [tweet.viewer_id or 0]
        for stream, voice in ((CONVERSATIONS, native_voice), (DIRECT, mastodon_voice)):
            for base, some in _by_base(self._listening(stream, viewers)):
                if body := voice.conversation(tweet, base):
                    self.outcome.put(stream, "conversation", body, some)

    def _tell_groups(self, viewer: User, group_ids: Sequence[int]) -> None:
        for base, some in _by_base(self._listening(NOTIFICATIONS, [viewer.pk])):
            for group_id in group_ids:
                event, body = native_voice.group(viewer, group_id, base)
                self.outcome.put(NOTIFICATIONS, event, body, some)
            self.outcome.put(NOTIFICATIONS, "unread", native_voice.unread(viewer.pk), some)

    def _tell_singles(self, viewer: User, ids: Sequence[int]) -> None:
        for stream in (USER, USER_NOTIFICATION):
            for base, some in _by_base(self._listening(stream, [viewer.pk])):
                for body in mastodon_voice.notifications(viewer, ids, base):
                    self.outcome.put(stream, "notification", body, some)

    def _tell_counts(self, tweet_id: int, watching: Collection[Connection]) -> None:
        found = hydrate_for([tweet_id], viewer_ids={each.user_id for each in watching})
        seeing = {id_ for id_, tweets in found.items() if any(map(may_see, tweets.values()))}
        if seeing:
            tweet = found[min(seeing)][tweet_id]
            some = [each for each in watching if each.user_id in seeing]
            self.outcome.put(HOME, "counts", native_voice.counts(tweet), some)

    def _put(self, stream: Stream, event: str, data: bytes, viewers: Collection[int]) -> None:
        self.outcome.put(stream, event, data, self._listening(stream, viewers))

    def _listening(self, stream: Stream, viewers: Collection[int]) -> list[Connection]:
        by_user: ByUser = self._readers.of(stream)
        return [each for id_ in viewers for each in by_user.get(id_, ())]


def _by_base(connections: Sequence[Connection]) -> Iterable[tuple[str, list[Connection]]]:
    """Group connections by the address under which their clients know the site."""
    for base, some in groupby(sorted(connections, key=_base), key=_base):
        yield base, list(some)


SIGN_INS_ENDED = "account.sign_ins_ended"
HANDLERS: dict[str, Callable[..., None]] = {
    SIGN_INS_ENDED: _Batch.ended,
    "notifications.changed": _Batch.notified,
    "tweet.deleted": _Batch.gone,
    "tweet.edited": _Batch.edited,
    "tweet.hidden": _Batch.gone,
    "tweet.liked": _Batch.liked,
    "tweet.posted": _Batch.posted,
    "tweet.unliked": _Batch.liked,
}
