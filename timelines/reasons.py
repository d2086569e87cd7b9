"""Why a tweet is in a home timeline or not, in words.

Each reason has a code for programs and a sentence for people, both from what the rules decided
(timelines/rules.py). "You" is the viewer.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from chirp.texts import text as _
from timelines import rules
from timelines.rules import Rule, Source
from tweets.read.answered import ANSWERED
from tweets.read.facts import Facts, shown_parent_id

FOLDED = "folded"  # the code of what a newer entry stands for


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason. `account` is a tweet by the account that the reason is about, if there is one.

    `tweet` is another entry that shows the tweet; `hashtag` is without the `#`; `lists` and
    `filters` are ids and names of what the viewer keeps.
    """

    code: str
    text: str
    account: Facts | None = None
    tweet: Facts | None = None
    hashtag: str = ""
    lists: Sequence[tuple[int, str]] = ()
    filters: Sequence[tuple[int, str]] = ()


def from_source(source: Source, tweet: Facts, tags: frozenset[str]) -> list[Reason]:
    """Return the reasons why rule 1 lets a tweet in by one of its sources."""
    if source is Source.HASHTAG:
        return [
            Reason(
                "hashtag", _("It has the hashtag #%(tag)s, which you follow.", tag=tag), hashtag=tag
            )
            for tag in sorted(tags)
        ]
    is_repost = tweet.repost_of_id is not None
    if source is Source.OWN:
        return [Reason("own", _("You reposted it.") if is_repost else _("You wrote it."))]
    if is_repost:
        text = _("@%(handle)s, whom you follow, reposted it.", handle=tweet.handle)
        return [Reason("reposted", text, tweet)]
    return [Reason("followed", _("You follow @%(handle)s.", handle=tweet.handle), tweet)]


def from_reply(tweet: Facts) -> Iterator[Reason]:
    """Yield why a reply to another account is let in. The tweet has the attachment ANSWERED."""
    if tweet.mine or tweet.reply_to_author_id in (None, tweet.author_id):
        return
    if tweet.to_me:
        yield Reason("answers_you", _("It is a reply to you."))
    elif tweet.follows_replied:
        text = _("It is a reply to %(who)s, whom you follow.", who=_answered(tweet))
        yield Reason("answers_followed", text, _parent(tweet))


def from_other_entry(entry: Facts, *, folded: bool) -> Reason:
    """Return the reason that names another entry of the timeline that shows the same tweet.

    `folded` is whether it is a newer entry, below which pages leave the tweet out.
    """
    kind = "tweet" if entry.repost_of_id is None else "own repost" if entry.mine else "repost"
    if folded:
        return Reason(FOLDED, _FOLDS[kind](entry), entry, entry)
    return Reason("shown_as", _SHOWS[kind](entry), entry, entry)


# What is said of another entry that shows the same tweet, by what that entry is.
_FOLDS: dict[str, Callable[[Facts], str]] = {
    "tweet": lambda entry: _(
        "A page that has the tweet of @%(handle)s leaves it out: it would show the same tweet.",
        handle=entry.handle,
    ),
    "own repost": lambda entry: _(
        "A page that has your repost leaves it out: it would show the same tweet."
    ),
    "repost": lambda entry: _(
        "A page that has the repost by @%(handle)s leaves it out: it would show the same tweet.",
        handle=entry.handle,
    ),
}
_SHOWS: dict[str, Callable[[Facts], str]] = {
    "tweet": lambda entry: _("But you have the tweet of @%(handle)s in home.", handle=entry.handle),
    "own repost": lambda entry: _("But you have your repost in home."),
    "repost": lambda entry: _(
        "But you have the repost by @%(handle)s in home.", handle=entry.handle
    ),
}


def pending(tweet: Facts) -> Reason:
    """Return the reason why a tweet that belongs to the timeline is not there yet."""
    return Reason(
        "pending", _("It is on its way from @%(handle)s to you.", handle=tweet.handle), tweet
    )


def from_rule(rule: Rule, tweet: Facts) -> Reason:
    """Return the reason why a rule keeps a tweet out. A reply has the attachment ANSWERED."""
    return Reason(rule.code, *_AGAINST[rule](tweet))


def _answered(tweet: Facts) -> str:
    handle = ANSWERED.of(tweet)
    return f"@{handle}" if handle else _("somebody")


def _parent(tweet: Facts) -> Facts | None:
    return None if shown_parent_id(tweet) is None else tweet.parent


def _unwelcome(said: Callable[[str], str], name: str) -> Callable[[Facts], tuple[str, Facts]]:
    def say(tweet: Facts) -> tuple[str, Facts]:
        original = tweet.original or tweet
        by = tweet if getattr(tweet, name) else original
        return said(by.handle), by

    return say


def _blocks(handle: str) -> str:
    return _("You block @%(handle)s.", handle=handle)


def _mutes(handle: str) -> str:
    return _("You mute @%(handle)s.", handle=handle)


# What keeps a tweet out, and the account that this is about.
_AGAINST: dict[Rule, Callable[[Facts], tuple[str, Facts | None]]] = {
    rules.FOLLOWED: lambda t: (_("You do not follow @%(handle)s.", handle=t.handle), t),
    rules.EXCLUSIVE: lambda t: (
        _("You read @%(handle)s in a list that is exclusive.", handle=t.handle),
        t,
    ),
    rules.VISIBLE: lambda t: (_("You may not see it."), None),
    rules.NOT_BLOCKED: _unwelcome(_blocks, "blocks"),
    rules.NOT_MUTED: _unwelcome(_mutes, "mutes"),
    rules.REPOSTS: lambda t: (_("You have hidden what @%(handle)s reposts.", handle=t.handle), t),
    rules.ALL_REPOSTS: lambda t: (_("You have hidden all reposts for now."), None),
    rules.FILTERED: lambda t: (_("A filter of yours hides it."), None),
    rules.REPLY: lambda t: (
        _("It is a reply to %(who)s, whom you do not follow.", who=_answered(t)),
        _parent(t),
    ),
    rules.SINCE: lambda t: (_("It is older than your follow of @%(handle)s.", handle=t.handle), t),
}
