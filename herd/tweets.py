"""The HTTP client for the API of the site, which finds tweets near a location.

No other module of the herd depends on the site.
"""

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
MAX_RESPONSE_BYTES = 4 * 1024 * 1024
Tweets = dict[str, Any]  # {"results": [tweet, ...], "next": ..., "previous": ...}


class ChirpAway(Exception):
    """Chirp gave no usable response. The message has the reason."""


class Nearby:
    """Asks Chirp at `url` for public tweets near a location.

    With `host`, requests have that Host header and look like those of a proxy that terminates
    HTTPS.
    """

    def __init__(self, reactor: Any, *, url: str, host: str, limits: Limits) -> None:
        self._clock = cast(IReactorTime, reactor)
        self._url = url
        self._away = False  # whether the last request failed
        self._timeout = limits.chirp_timeout
        self._semaphore = DeferredSemaphore(int(limits.questions))
        pool = HTTPConnectionPool(reactor, persistent=True)
        pool.maxPersistentPerHost = int(limits.questions)
        self._agent = Agent(reactor, connectTimeout=limits.chirp_timeout, pool=pool)
        self._headers = Headers({"Accept": ["application/json"], "User-Agent": ["chirp-herd"]})
        if host:
            # Send what the proxy of the site would send. A site that is served over HTTPS would
            # otherwise redirect the request to its public address.
            self._headers.setRawHeaders("Host", [host])
            self._headers.setRawHeaders("X-Forwarded-Proto", ["https"])

    def near(
        self, *, latitude: float, longitude: float, radius: float, count: int
    ) -> "Deferred[Tweets]":
        """Return at most `count` tweets within `radius` km, newest first. Fails with ChirpAway."""
        query = f"lat={_plain(latitude)}&lon={_plain(longitude)}&radius_km={_plain(radius)}"
        url = f"{self._url}/api/timelines/nearby?{query}&limit={count}"
        tweets: Deferred[Tweets] = self._semaphore.run(self._start, url.encode(), count)
        tweets.addTimeout(self._timeout, self._clock, self._timed_out)
        return tweets.addCallbacks(self._succeeded, self._failed)

    def _start(self, url: bytes, count: int) -> "Deferred[Tweets]":
        return Deferred.fromCoroutine(self._fetch(url, count))

    async def _fetch(self, url: bytes, count: int) -> Tweets:
        response = await self._agent.request(b"GET", url, self._headers)
        body: Deferred[bytes] = _Body.of(response)
        if response.code != 200:
            body.cancel()
            body.addErrback(lambda _: None)
            raise ChirpAway(f"it answered with status {response.code}")
        return read(await body, count)

    def _succeeded(self, tweets: Tweets) -> Tweets:
        if self._away:
            self._away = False
            _log.info("Chirp answers again")
        return tweets

    def _timed_out(self, _: object, seconds: float) -> Failure:
        return Failure(ChirpAway(f"no answer within {seconds:g} seconds"))

    def _failed(self, failure: Failure) -> Failure:
        cause = _cause(failure)
        if cause.check(CancelledError):
            return Failure(ChirpAway("the request was cancelled"))
        why = cause.getErrorMessage().rstrip(".")
        if not self._away:  # log only the first failure: there may be thousands of requests
            self._away = True
            _log.error("Chirp is away: {why}", why=why)
        return Failure(ChirpAway(why))


def read(body: bytes, count: int) -> Tweets:
    """Parse a response, and return at most `count` of its tweets. Raises ChirpAway."""
    try:
        page = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise ChirpAway("its answer is not JSON") from None
    results = page.get("results") if isinstance(page, dict) else None
    if not isinstance(results, list) or not all(isinstance(tweet, dict) for tweet in results):
        raise ChirpAway("its answer is not a list of tweets")
    return {**page, "results": results[:count]}


class _Body(Protocol):
    """Collects the body of a response, unless it is too large."""

    def __init__(self) -> None:
        self.done: Deferred[bytes] = Deferred(lambda _: self._abort())
        self._parts: list[bytes] = []
        self._size = 0

    @classmethod
    def of(cls, response: IResponse) -> "Deferred[bytes]":
        """Return the body of a response. Cancelling it aborts the connection."""
        body = cls()
        response.deliverBody(body)
        return body.done

    def dataReceived(self, data: bytes) -> None:
        """Store the data, or fail if the body is too large."""
        self._size += len(data)
        if self._size <= MAX_RESPONSE_BYTES:
            self._parts.append(data)
        elif not self.done.called:
            self.done.errback(ChirpAway("its answer is too large"))
            self._abort()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Finish the body, or fail if it is incomplete."""
        if self.done.called:
            return
        if reason.check(ResponseDone, PotentialDataLoss):
            self.done.callback(b"".join(self._parts))
        else:
            self.done.errback(ChirpAway("its answer was cut off"))

    def _abort(self) -> None:
        abort = getattr(self.transport, "abortConnection", None)
        if abort is not None:
            abort()


def _cause(failure: Failure) -> Failure:
    """Return the underlying failure, if the HTTP client wraps it in a list of reasons."""
    reasons = getattr(failure.value, "reasons", None)
    return reasons[0] if reasons else failure


def _plain(number: float) -> str:
    """Format a number without an exponent."""
    return f"{number:.9f}".rstrip("0").rstrip(".")
