"""The port to the site: tweets near a place, over HTTP. Nothing else here knows of the site."""

from typing import Any, cast

import orjson
from twisted.internet.defer import CancelledError, Deferred, DeferredSemaphore
from twisted.internet.interfaces import IReactorTime
from twisted.internet.protocol import Protocol, connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.client import Agent, HTTPConnectionPool, ResponseDone
from twisted.web.http import PotentialDataLoss
from twisted.web.http_headers import Headers
from twisted.web.iweb import IResponse

from herd.settings import Limits

_log = Logger(namespace="herd.tweets")
LARGEST = 4 * 1024 * 1024  # bytes of an answer
Tweets = dict[str, Any]  # {"results": [tweet, ...], "next": ..., "previous": ...}


class ChirpAway(Exception):
    """Chirp gave no answer that can be used; the message says why."""


class Nearby:
    """Asks Chirp at `url` for public tweets near a place.

    With `host` it is called by that name, as a proxy does that has taken an HTTPS request.
    """

    def __init__(self, reactor: Any, *, url: str, host: str, limits: Limits) -> None:
        self._clock = cast(IReactorTime, reactor)
        self._url = url
        self._away = False
        self._seconds = limits.chirp_timeout
        self._turns = DeferredSemaphore(int(limits.questions))
        pool = HTTPConnectionPool(reactor, persistent=True)
        pool.maxPersistentPerHost = int(limits.questions)
        self._agent = Agent(reactor, connectTimeout=limits.chirp_timeout, pool=pool)
        self._headers = Headers({"Accept": ["application/json"], "User-Agent": ["chirp-herd"]})
        if host:
            # So we stand where the site's proxy stands, and say what it says: to one that is
            # served over HTTPS anything else is worth a redirect to its public address.
            self._headers.setRawHeaders("Host", [host])
            self._headers.setRawHeaders("X-Forwarded-Proto", ["https"])

    def near(
        self, *, latitude: float, longitude: float, radius: float, count: int
    ) -> "Deferred[Tweets]":
        """At most `count` tweets within `radius` km, newest first. Fails with ChirpAway."""
        query = f"lat={_plain(latitude)}&lon={_plain(longitude)}&radius_km={_plain(radius)}"
        url = f"{self._url}/api/timelines/nearby?{query}&limit={count}"
        answer: Deferred[Tweets] = self._turns.run(self._ask, url.encode(), count)
        answer.addTimeout(self._seconds, self._clock, self._late)
        return answer.addCallbacks(self._here, self._explain)

    def _ask(self, url: bytes, count: int) -> "Deferred[Tweets]":
        return Deferred.fromCoroutine(self._fetch(url, count))

    async def _fetch(self, url: bytes, count: int) -> Tweets:
        response = await self._agent.request(b"GET", url, self._headers)
        body: Deferred[bytes] = _Body.of(response)
        if response.code != 200:
            body.cancel()
            body.addErrback(lambda _: None)
            raise ChirpAway(f"it answered with status {response.code}")
        return read(await body, count)

    def _here(self, tweets: Tweets) -> Tweets:
        if self._away:
            self._away = False
            _log.info("Chirp answers again")
        return tweets

    def _late(self, _: object, seconds: float) -> Failure:
        return Failure(ChirpAway(f"no answer within {seconds:g} seconds"))

    def _explain(self, failure: Failure) -> Failure:
        cause = _cause(failure)
        if cause.check(CancelledError):
            return Failure(ChirpAway("nobody waits for its answer"))
        why = cause.getErrorMessage().rstrip(".")
        if not self._away:  # else it was told before, and thousands may ask
            self._away = True
            _log.error("Chirp is away: {why}", why=why)
        return Failure(ChirpAway(why))


def read(body: bytes, count: int) -> Tweets:
    """The tweets in an answer, no more than `count`. Raises ChirpAway for anything else."""
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise ChirpAway("its answer is not JSON") from None
    results = found.get("results") if isinstance(found, dict) else None
    if not isinstance(results, list) or not all(isinstance(tweet, dict) for tweet in results):
        raise ChirpAway("its answer is no list of tweets")
    return {**found, "results": results[:count]}


class _Body(Protocol):
    """Collects an answer, unless it is too large."""

    def __init__(self) -> None:
        self.done: Deferred[bytes] = Deferred(lambda _: self._abort())
        self._parts: list[bytes] = []
        self._size = 0

    @classmethod
    def of(cls, response: IResponse) -> "Deferred[bytes]":
        """The body of a response. Cancelling it breaks the connection off."""
        body = cls()
        response.deliverBody(body)
        return body.done

    def dataReceived(self, data: bytes) -> None:
        """Keep it."""
        self._size += len(data)
        if self._size <= LARGEST:
            self._parts.append(data)
        elif not self.done.called:
            self.done.errback(ChirpAway("its answer is too large"))
            self._abort()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """The answer has ended."""
        if self.done.called:
            return
        if reason.check(ResponseDone, PotentialDataLoss):
            self.done.callback(b"".join(self._parts))
        else:
            self.done.errback(ChirpAway("its answer broke off"))

    def _abort(self) -> None:
        abort = getattr(self.transport, "abortConnection", None)
        if abort is not None:
            abort()


def _cause(failure: Failure) -> Failure:
    """What was wrong, where the HTTP client says only that something was."""
    reasons = getattr(failure.value, "reasons", None)
    return reasons[0] if reasons else failure


def _plain(number: float) -> str:
    """A number without an exponent."""
    return f"{number:.9f}".rstrip("0").rstrip(".")
