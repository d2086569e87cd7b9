"""Tweets as statuses."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from chirp.times import rfc3339
from mastodon.content import html_of, profile_url, quote_line, tag_url
from mastodon.presenters.accounts import full_accounts
from mastodon.presenters.cards import card
from mastodon.presenters.filters import results
from mastodon.presenters.media import attachment
from mastodon.presenters.polls import poll
from tweets import text as texts
from tweets.controls import QuotesFrom
from tweets.polls.read import POLL
from tweets.read.access import may_quote
from tweets.read.attachments import attach
from tweets.read.facts import Facts, is_open_to_all, may_see, shown_parent_id, shown_quote
from tweets.read.filtered import blurring_filters, filtered
from tweets.read.link_cards import LINK_CARD
from tweets.read.media import MEDIA
from tweets.read.mentioned import MENTIONED
from tweets.read.viewer import ViewerContext
from tweets.visibility import Visibility

Json = dict[str, Any]
ATTACHMENTS = (LINK_CARD, MEDIA, POLL, MENTIONED)
VISIBILITIES = {
    Visibility.PUBLIC: "public",
    Visibility.UNLISTED: "unlisted",
    Visibility.FOLLOWERS: "private",
    Visibility.DIRECT: "direct",
}
POLICIES = {
    QuotesFrom.EVERYONE: ["public"],
    QuotesFrom.FOLLOWERS: ["followers"],
    QuotesFrom.NOBODY: [],
}


def statuses(tweets: Sequence[Facts], base: str) -> list[Json]:
    """The statuses of tweets for one viewer. The number of queries does not depend on theirs."""
    if not tweets:
        return []
    attach(tweets, ATTACHMENTS, ViewerContext(viewer_id=tweets[0].viewer_id))
    authors = User.objects.in_bulk({each.author_id for each in _all_shown(tweets)})
    presenter = _Statuses(base, full_accounts(list(authors.values()), base))
    return [presenter.status(tweet) for tweet in tweets]


def status(tweet: Facts, base: str) -> Json:
    """The status of one tweet."""
    return statuses([tweet], base)[0]


def _all_shown(tweets: Sequence[Facts]) -> Iterator[Facts]:
    """Yield the tweets, originals and quoted tweets whose authors are shown."""
    for tweet in tweets:
        yield tweet
        if tweet.original:
            yield tweet.original
        if quoted := shown_quote(tweet.original or tweet):
            yield quoted


@dataclass(frozen=True, slots=True)
class _Statuses:
    """Makes statuses, with the accounts of all authors."""

    base: str
    accounts: Mapping[int, Json]

    def status(self, tweet: Facts) -> Json:
        """The status of a tweet, or that which wraps the original of a repost."""
        if tweet.original is None:
            return self._plain(tweet, quote=self._quote(tweet))
        original = self.status(tweet.original)
        empty = {"quote": None, "reblog": original, "visibility": original["visibility"]}
        return {**self._plain(tweet, quote=None), **empty, **_viewed(tweet.original)}

    def _plain(self, tweet: Facts, *, quote: Json | None) -> Json:
        url = f"{profile_url(tweet.handle, self.base)}/{tweet.id}"
        state = POLL.of(tweet)
        is_wrapper = tweet.repost_of_id is not None
        return {
            "id": str(tweet.id),
            "uri": url,
            "url": url,
            "created_at": rfc3339(tweet.created_at),
            "edited_at": rfc3339(tweet.edited_at) if tweet.edited_at else None,
            "account": self.accounts[tweet.author_id],
            "content": self._content(tweet),
            "visibility": visibility(tweet),
            "sensitive": tweet.sensitive or tweet.spoiler != "",
            "spoiler_text": tweet.spoiler,
            "media_attachments": [attachment(each, self.base) for each in MEDIA.of(tweet) or ()],
            "mentions": self._mentions(tweet),
            "tags": [
                {"name": tag, "url": tag_url(tag, self.base)} for tag in texts.hashtags(tweet.text)
            ],
            "emojis": [],
            "reblogs_count": 0 if is_wrapper else tweet.reposts,
            "favourites_count": 0 if is_wrapper else tweet.likes,
            "replies_count": 0 if is_wrapper else tweet.replies,
            "quotes_count": 0 if is_wrapper else tweet.quotes,
            "in_reply_to_id": _id(shown_parent_id(tweet)),
            "in_reply_to_account_id": _id(tweet.reply_to_author_id),
            "reblog": None,
            "poll": poll(state, signed_in=tweet.viewer_id is not None, mine=tweet.mine)
            if state
            else None,
            "card": card(LINK_CARD.of(tweet), self.base),
            "language": tweet.language or None,
            "quote": quote,
            "quote_approval": _quote_approval(tweet),
            **_viewed(tweet),
        }

    def _content(self, tweet: Facts) -> str:
        html = html_of(tweet.text, tuple(tweet.mentions or ()), self.base)
        quoted = shown_quote(tweet)
        if quoted is None:
            return html
        url = f"{profile_url(quoted.handle, self.base)}/{quoted.id}"
        return html if url in tweet.text else quote_line(url) + html

    def _mentions(self, tweet: Facts) -> list[Json]:
        return [
            {
                "id": str(each.id),
                "username": each.handle,
                "acct": each.handle,
                "url": profile_url(each.handle, self.base),
            }
            for each in MENTIONED.of(tweet) or ()
        ]

    def _quote(self, tweet: Facts) -> Json | None:
        if tweet.quote_of_id is None:
            return None
        quoted = shown_quote(tweet)
        if quoted is None:
            return {"state": _why_hidden(tweet), "quoted_status": None}
        inner = self._plain(quoted, quote=_shallow(quoted))
        if found := blurring_filters(tweet):
            inner["filtered"] = results(tuple(dict.fromkeys((*filtered(quoted), *found))))
        return {"state": "accepted", "quoted_status": inner}


def _why_hidden(tweet: Facts) -> str:
    quoted = tweet.quoted
    if tweet.quote_detached:
        return "revoked"
    if quoted is None or quoted.gone:
        return "deleted"
    if not may_see(quoted):
        return "unauthorized"
    return "blocked_account" if quoted.blocks else "muted_account"


def _shallow(tweet: Facts) -> Json | None:
    """The quote of a quoted tweet, which names the next one and does not show it."""
    if tweet.quote_of_id is None:
        return None
    if tweet.quote_detached:
        return {"state": "revoked", "quoted_status_id": None}
    return {"state": "accepted", "quoted_status_id": str(tweet.quote_of_id)}


def visibility(tweet: Facts) -> str:
    """The visibility as it is in effect: what a private account writes is for its followers."""
    if tweet.private and tweet.visibility in (Visibility.PUBLIC, Visibility.UNLISTED):
        return VISIBILITIES[Visibility.FOLLOWERS]
    return VISIBILITIES[Visibility(tweet.visibility)]


def _quote_approval(tweet: Facts) -> Json:
    policy = POLICIES[QuotesFrom(tweet.quotes_from)] if is_open_to_all(tweet) else []
    allowed = tweet.viewer_id is not None and not tweet.blocks and may_quote(tweet)
    return {
        "automatic": policy,
        "manual": [],
        "current_user": "automatic" if allowed else "denied",
    }


def _viewed(tweet: Facts) -> Json:
    """What the viewer did with the tweet; nothing for an anonymous visitor."""
    if tweet.viewer_id is None:
        return {}
    marks = {
        "favourited": tweet.liked,
        "reblogged": tweet.reposted,
        "bookmarked": tweet.bookmarked,
        "muted": tweet.conversation_muted,
        "filtered": results(filtered(tweet)),
    }
    can_pin = tweet.mine and tweet.repost_of_id is None and tweet.visibility != Visibility.DIRECT
    return {**marks, **({"pinned": tweet.pinned} if can_pin else {})}


def _id(id_: int | None) -> str | None:
    return None if id_ is None else str(id_)
