"""Tweets as the pages show them: what to print, and what the viewer can do with it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.safestring import SafeString, mark_safe

from chirp.db.prepared import Prepared
from tweets.read.access import may_share
from tweets.read.hydrate import Facts, shown_quote
from tweets.read.lists import Version
from tweets.text_html import html_of
from web.templatetags.chirp_format import ago

HANDLES = Prepared("""
SELECT id, handle FROM accounts_user
WHERE id = ANY (%(ids)s::bigint[]) AND deactivated_at IS NULL AND suspended_at IS NULL
""")


@dataclass(frozen=True, slots=True)
class Card:
    """One entry of a list: a tweet, perhaps because somebody reposted it, perhaps with a quote."""

    tweet: Facts
    html: SafeString
    anchor: str = ""  # names the entry within a page
    reposter: Facts | None = None
    quoted: "Card | None" = None
    answers: str = ""  # the handle of the person replied to

    @property
    def url(self) -> str:
        """The tweet's thread."""
        return f"/@{self.tweet.handle}/{self.tweet.id}"

    @property
    def when(self) -> SafeString:
        """How long ago it was written."""
        return ago(self.tweet.created_at)

    @property
    def name(self) -> str:
        """What its author is called."""
        return self.tweet.name or self.tweet.handle

    @property
    def quote_missing(self) -> bool:
        """Whether it quotes something that the viewer does not get to see."""
        return self.tweet.quote_of_id is not None and self.quoted is None

    @property
    def warning(self) -> str:
        """What stands before the text until one asks for it; empty for most."""
        return _warning(self.tweet)

    @property
    def place(self) -> str:
        """Where it was written: what its author calls it, or degrees north and east."""
        if self.tweet.lat is None:
            return ""
        return self.tweet.place or f"{self.tweet.lat}, {self.tweet.lon}"

    @property
    def place_url(self) -> str:
        """What was written near there; empty for a tweet without a place."""
        if self.tweet.lat is None:
            return ""
        return f"/nearby?lat={self.tweet.lat}&lon={self.tweet.lon}"

    @property
    def may_share(self) -> bool:
        """Whether the viewer can repost and quote it."""
        return may_share(self.tweet)


@dataclass(frozen=True, slots=True)
class VersionCard:
    """What a tweet said for a while."""

    html: SafeString
    warning: str
    since: datetime


def version_card(version: Version) -> VersionCard:
    """How one of a tweet's versions is shown."""
    html = _html(version.text, version.mentions)
    return VersionCard(html=html, warning=_warning(version), since=version.created_at)


def card(tweet: Facts, *, anchor: str = "") -> Card:
    """How one tweet is shown; `anchor` where it stands for another entry of the page."""
    (shown,) = cards([tweet])
    return replace(shown, anchor=anchor) if anchor else shown


def cards(tweets: Sequence[Facts]) -> list[Card]:
    """How tweets are shown, in their order. One query when there are replies to others."""
    shown = [tweet.original or tweet for tweet in tweets]
    handles = _handles(shown)
    return [
        _card(original, handles, reposter=None if original is tweet else tweet)
        for tweet, original in zip(tweets, shown, strict=True)
    ]


def _card(tweet: Facts, handles: dict[int, str], *, reposter: Facts | None) -> Card:
    quoted = shown_quote(tweet)
    return Card(
        tweet=tweet,
        html=_html(tweet.text, tweet.mentions),
        anchor=f"t{(reposter or tweet).id}",
        reposter=reposter,
        quoted=Card(tweet=quoted, html=_html(quoted.text, quoted.mentions)) if quoted else None,
        answers=handles.get(tweet.reply_to_author_id or 0, ""),
    )


def _handles(tweets: Iterable[Facts]) -> dict[int, str]:
    """The handles of those whom these tweets answer; replies to oneself need none."""
    ids = {t.reply_to_author_id for t in tweets if t.reply_to_author_id != t.author_id} - {None}
    if not ids:
        return {}
    return dict(HANDLES.rows(ids=list(ids)))


def _warning(said: Facts | Version) -> str:
    return said.spoiler or ("Sensitive content" if said.sensitive else "")


def _html(text: str, mentions: Iterable[str] | None) -> SafeString:
    # The one text that is trusted: tweets.text escapes everything that it did not make itself.
    return mark_safe(html_of(text, tuple(mentions or ())))  # noqa: S308
