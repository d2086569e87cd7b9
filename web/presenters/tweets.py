"""Tweets as the pages show them.

A Card holds values only, all that a template may show of a tweet: so it is the key of its cached
HTML (web/templating/render.py). What is not in it cannot be shown, and cached HTML can neither be
out of date nor show one viewer what belongs to another.
"""

import re
from collections import namedtuple
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple

from django.utils.safestring import SafeString
from django.utils.translation import gettext

from media.previews.read import LinkCard
from media.selectors import Shown as File
from timelines.ranked import Ranked
from tweets.polls.read import POLL
from tweets.read.access import may_quote, may_share
from tweets.read.answered import ANSWERED
from tweets.read.attachments import attach
from tweets.read.branches import Branch
from tweets.read.facts import SHOWN, Facts, may_reply, reposters, shown_quote
from tweets.read.filtered import blurring_filters, warning_filters
from tweets.read.link_cards import LINK_CARD
from tweets.read.media import MEDIA
from tweets.read.threads import Gap, Version, gap_above
from tweets.read.viewer import ViewerContext
from tweets.text_html import html_of
from web.lazy import gettext_lazy as _
from web.presenters.polls import PollCard, poll_card
from web.templating.addresses import url
from web.templating.formatting import Reader

# What pages show of what hangs on a tweet.
ATTACHMENTS = (ANSWERED, LINK_CARD, MEDIA, POLL)
REPLY_RULES = {
    "followed": _("People whom the author follows or mentions can reply."),
    "mentioned": _("People whom the author mentions can reply."),
    "nobody": _("Only the author can reply."),
}
ANCHOR = re.compile(r"[tp][0-9]{1,16}")
LONG = 15  # lines; static/css/components/tweet.css shows as many
# The facts that pages may show, by the names that they have in Facts.
Shown = namedtuple("Shown", SHOWN)  # type: ignore[misc]
_shown_values = attrgetter(*SHOWN)


class Card(NamedTuple):
    """One entry of a list: a tweet, perhaps because it was reposted, perhaps with a quote."""

    tweet: Any  # a Shown
    html: SafeString
    when: SafeString  # how long ago it was written
    may_share: bool  # whether the viewer can repost it
    may_quote: bool = False
    may_reply: bool = True
    anchor: str = ""  # names the entry within a page
    reposter: Any = None  # a Shown, or None
    more_reposters: int = 0  # how many others reposted it, whom the entry also stands for
    quoted: "Card | None" = None  # which has no `quoted` of its own
    quote_missing: bool = False  # it quotes something that the viewer may not see
    answers: str = ""  # the handle of the author of the tweet replied to
    poll: PollCard | None = None
    is_pin: bool = False  # it stands among the pinned tweets of a profile
    media: tuple[File, ...] = ()
    link: LinkCard | None = None
    filtered: tuple[str, ...] = ()  # the titles of the filters that warn of it
    blurred: tuple[str, ...] = ()  # the titles of the filters that cover its media
    why: str = ""  # why it stands where it does, in the ranked home
    gap: str = ""  # in a thread: what is missing above it, "deleted" or "hidden"
    in_home: bool = False  # it is an entry of the home timeline, whose menu explains it

    @property
    def url(self) -> str:
        """The address of the tweet's thread."""
        return url("thread", self.tweet.handle, self.tweet.id)

    @property
    def why_url(self) -> str:
        """The address of why this entry is in home or not."""
        entry = self.reposter or self.tweet
        return url("why", entry.handle, entry.id)

    @property
    def name(self) -> str:
        """The author's name, or the handle for authors without one."""
        return str(self.tweet.name or self.tweet.handle)

    @property
    def warning(self) -> str:
        """What is shown before the text until the reader opens it; empty for most tweets.

        It also hides the media. Without words of the author, media alone are hidden.
        """
        return "" if self.media and not self.tweet.spoiler else _warning(self.tweet)

    @property
    def media_warning(self) -> str:
        """What is shown in place of media until the reader opens them: which filters cover them,
        or that they are sensitive, if the text is not hidden.
        """
        if not self.media:
            return ""
        if self.blurred:
            return gettext("Filtered: %(titles)s") % {"titles": ", ".join(self.blurred)}
        return "" if self.tweet.spoiler else _warning(self.tweet)

    @property
    def reply_rule(self) -> str:
        """Who may reply, as a sentence; empty if everyone may."""
        return REPLY_RULES.get(self.tweet.replies_from, "")

    @property
    def is_long(self) -> bool:
        """Whether lists cut the text short: it has more than LONG lines."""
        return str(self.tweet.text).count("\n") >= LONG

    @property
    def place(self) -> str:
        """Where it was written: the place's name, or degrees north and east."""
        if self.tweet.lat is None:
            return ""
        return self.tweet.place or f"{self.tweet.lat}, {self.tweet.lon}"

    @property
    def place_url(self) -> str:
        """The page of tweets near that place; empty for a tweet without a place."""
        if self.tweet.lat is None:
            return ""
        return f"{url('nearby')}?lat={self.tweet.lat}&lon={self.tweet.lon}"


@dataclass(frozen=True, slots=True)
class VersionCard:
    """One version of a tweet's text."""

    html: SafeString
    warning: str
    since: datetime


def version_card(version: Version) -> VersionCard:
    """One of a tweet's versions, for its history."""
    html = _html(version.text, version.mentions)
    return VersionCard(html=html, warning=_warning(version), since=version.created_at)


def anchor_of(fields: Mapping[str, str]) -> str:
    """The name of an entry of the page that asks for a part of it, from `anchor`; "" if none is."""
    found = ANCHOR.fullmatch(fields.get("anchor", ""))
    return found[0] if found else ""


def card(tweet: Facts, *, viewer: ViewerContext, anchor: str = "") -> Card:
    """One tweet; `anchor` where it is part of another entry of the page."""
    (shown,) = cards([tweet], viewer=viewer)
    return shown._replace(anchor=anchor) if anchor else shown


def cards(tweets: Sequence[Facts], *, viewer: ViewerContext) -> list[Card]:
    """Tweets in their order. One query for each kind of attachment that some of them need."""
    return _cards(tweets, viewer, in_home=False)


def home_cards(tweets: Sequence[Facts], *, viewer: ViewerContext) -> list[Card]:
    """Entries of the home timeline, in their order. Their menus explain why they are there."""
    return _cards(tweets, viewer, in_home=True)


def _cards(tweets: Sequence[Facts], viewer: ViewerContext, *, in_home: bool) -> list[Card]:
    attach(tweets, ATTACHMENTS, viewer)
    reader = Reader.now()
    return [
        _card(tweet.original or tweet, entry=tweet, reader=reader, in_home=in_home)
        for tweet in tweets
    ]


def ranked_cards(ranked: Sequence[Ranked], *, viewer: ViewerContext) -> list[Card]:
    """Entries of the ranked home timeline, each with why it stands where it does."""
    shown = home_cards([each.entry for each in ranked], viewer=viewer)
    pairs = zip(shown, ranked, strict=True)
    return [card._replace(why=" · ".join(each.why)) for card, each in pairs]


def thread_cards(
    ancestors: Sequence[Facts], tweet: Facts, *, more_above: bool, viewer: ViewerContext
) -> list[Card]:
    """The tweets above a tweet and itself, each with what is missing between it and the last."""
    chain = [*ancestors, tweet]
    gaps = [gap_above(each, above) for each, above in zip(chain, [None, *chain], strict=False)]
    if more_above:
        gaps[0] = Gap.NONE
    shown = [*cards(ancestors, viewer=viewer), card(tweet, viewer=viewer)]
    return [each._replace(gap=str(gap)) for each, gap in zip(shown, gaps, strict=True)]


@dataclass(frozen=True, slots=True)
class Node:
    """A reply in a thread with the first answers to it; `more` is whether there are others."""

    card: Card
    answers: "list[Node]"
    more: bool


def reply_nodes(branches: Sequence[Branch], *, viewer: ViewerContext) -> list[Node]:
    """The replies of a thread and what answers them, in their order."""
    found = {each.tweet.id: each for each in cards(list(_tweets_in(branches)), viewer=viewer)}
    return [_node(branch, found) for branch in branches]


def _tweets_in(branches: Iterable[Branch]) -> Iterator[Facts]:
    for branch in branches:
        yield branch.tweet
        yield from _tweets_in(branch.answers)


def _node(branch: Branch, found: Mapping[int, Card]) -> Node:
    answers = [_node(each, found) for each in branch.answers]
    return Node(found[branch.tweet.id], answers, branch.more)


def pinned_cards(tweets: Sequence[Facts], *, viewer: ViewerContext) -> list[Card]:
    """The pinned tweets of a profile. Their anchors differ from those in the list below."""
    shown = cards(tweets, viewer=viewer)
    return [card._replace(anchor=f"p{card.tweet.id}", is_pin=True) for card in shown]


def _card(tweet: Facts, *, entry: Facts, reader: Reader, in_home: bool) -> Card:
    quoted = shown_quote(tweet)
    blurred = tuple(each.title for each in blurring_filters(tweet))
    return Card(
        tweet=_shown(tweet),
        html=_html(tweet.text, tweet.mentions),
        when=reader.ago(tweet.created_at),
        may_share=may_share(tweet),
        may_quote=may_quote(tweet),
        may_reply=may_reply(tweet),
        anchor=f"t{entry.id}",
        reposter=None if entry is tweet else _shown(entry),
        more_reposters=max(len(reposters(entry)) - 1, 0),
        quoted=_quoted(quoted, reader, blurred=blurred) if quoted else None,
        # A quote that was detached, or has lost its original for good, may have no id of it.
        quote_missing=quoted is None and (tweet.quote_detached or tweet.quote_of_id is not None),
        answers=ANSWERED.of(tweet) or "",
        poll=poll_card(tweet),
        media=MEDIA.of(tweet) or (),
        link=LINK_CARD.of(tweet),
        filtered=tuple(each.title for each in warning_filters(tweet)),
        blurred=blurred,
        in_home=in_home,
    )


def _quoted(tweet: Facts, reader: Reader, *, blurred: tuple[str, ...]) -> Card:
    html = _html(tweet.text, tweet.mentions)
    when, poll, media = reader.ago(tweet.created_at), poll_card(tweet), MEDIA.of(tweet) or ()
    link = LINK_CARD.of(tweet)
    return Card(
        tweet=_shown(tweet),
        html=html,
        when=when,
        may_share=False,
        poll=poll,
        media=media,
        link=link,
        blurred=blurred,
    )


def _shown(tweet: Facts) -> Any:
    return Shown._make(_shown_values(tweet))


def _warning(said: Any) -> str:
    return said.spoiler or (gettext("Sensitive content") if said.sensitive else "")


def _html(text: str, mentions: Iterable[str] | None) -> SafeString:
    # The one text that is trusted: tweets.text escapes everything that it did not make itself.
    return SafeString(html_of(text, tuple(mentions or ())))
