"""Who listens to what, as it is at one moment."""

from collections.abc import Collection, Iterable, Mapping

from accounts.streams import Stream
from streaming.connections import Connection

ByUser = Mapping[int, Collection[Connection]]
NOBODY: ByUser = {}


class Readers:
    """Some connections, by what they listen to and whose they are. Read by another thread."""

    def __init__(self, connections: Iterable[Connection]) -> None:
        self._of: dict[Stream, dict[int, list[Connection]]] = {}
        self._watching: dict[int, list[Connection]] = {}
        for connection in connections:
            for stream in connection.streams:
                by_user = self._of.setdefault(stream, {})
                by_user.setdefault(connection.user_id, []).append(connection)
            for tweet_id in connection.opening.watched:
                self._watching.setdefault(tweet_id, []).append(connection)

    def __bool__(self) -> bool:
        return bool(self._of)

    def of(self, stream: Stream) -> ByUser:
        """Return the connections that listen to a stream, by account."""
        return self._of.get(stream, NOBODY)

    @property
    def streams(self) -> Collection[Stream]:
        """The streams that somebody listens to."""
        return self._of.keys()

    @property
    def lists(self) -> list[Stream]:
        """The streams of lists among them."""
        return [stream for stream in self._of if stream[0] == "list"]

    def accounts(self, *streams: Stream) -> set[int]:
        """Return the ids of the accounts that listen to one of these streams."""
        return {user_id for stream in streams for user_id in self.of(stream)}

    def watching(self, tweet_id: int) -> list[Connection]:
        """Return the connections that want to know the counts of a tweet."""
        return self._watching.get(tweet_id, [])

    @property
    def watched(self) -> Collection[int]:
        """The ids of the tweets whose counts somebody wants to know."""
        return self._watching.keys()
