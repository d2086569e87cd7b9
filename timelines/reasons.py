"""Why a tweet is in a home timeline or not, in words.

Each reason has a code for programs and a sentence for people, both from what the rules decided
(timelines/rules.py). "You" is the viewer.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

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
            Reason("hashtag", f"It has the hashtag #{tag}, which you follow.", hashtag=tag)
            for tag in sorted(tags)
        ]
    is_repost = tweet.repost_of_id is not None
    if source is Source.OWN:
        return [Reason("own", "You reposted it." if is_repost else "You wrote it.")]
    if is_repost:
        return [Reason("reposted", f"@{tweet.handle}, whom you follow, reposted it.", tweet)]
    return [Reason("followed", f"You follow @{tweet.handle}.", tweet)]


def from_reply(tweet: Facts) -> Iterator[Reason]:
    """Yield why a reply to another account is let in. The tweet has the attachment ANSWERED."""
    if tweet.mine or tweet.reply_to_author_id in (None, tweet.author_id):
        return
    if tweet.to_me:
        yield Reason("answers_you", "It is a reply to you.")
    elif tweet.follows_replied:
        text = f"It is a reply to {_answered(tweet)}, whom you follow."
        yield Reason("answers_followed", text, _parent(tweet))


def from_other_entry(entry: Facts, *, folded: bool) -> Reason:
    """Return the reason that names another entry of the timeline that shows the same tweet.

    `folded` is whether it is a newer entry, below which pages leave the tweet out.
    """
    shown_as = _entry(entry)
    if folded:
        text = f"A page that has {shown_as} leaves it out: it would show the same tweet."
        return Reason(FOLDED, text, entry, entry)
    return Reason("shown_as", f"But you have {shown_as} in home.", entry, entry)


def _entry(entry: Facts) -> str:
    if entry.repost_of_id is None:
        return f"the tweet of @{entry.handle}"
    return "your repost" if entry.mine else f"the repost by @{entry.handle}"


def pending(tweet: Facts) -> Reason:
    """Return the reason why a tweet that belongs to the timeline is not there yet."""
    return Reason("pending", f"It is on its way from @{tweet.handle} to you.", tweet)


def from_rule(rule: Rule, tweet: Facts) -> Reason:
    """Return the reason why a rule keeps a tweet out. A reply has the attachment ANSWERED."""
    return Reason(rule.code, *_AGAINST[rule](tweet))


def _answered(tweet: Facts) -> str:
    handle = ANSWERED.of(tweet)
    return f"@{handle}" if handle else "somebody"


def _parent(tweet: Facts) -> Facts | None:
    return None if shown_parent_id(tweet) is None else tweet.parent


def _unwelcome(verb: str, name: str) -> Callable[[Facts], tuple[str, Facts]]:
    def say(tweet: Facts) -> tuple[str, Facts]:
        original = tweet.original or tweet
        by = tweet if getattr(tweet, name) else original
        return f"You {verb} @{by.handle}.", by

    return say


# What keeps a tweet out, and the account that this is about.
_AGAINST: dict[Rule, Callable[[Facts], tuple[str, Facts | None]]] = {
    rules.FOLLOWED: lambda t: (f"You do not follow @{t.handle}.", t),
    rules.EXCLUSIVE: lambda t: (f"You read @{t.handle} in a list that is exclusive.", t),
    rules.VISIBLE: lambda t: ("You may not see it.", None),
    rules.NOT_BLOCKED: _unwelcome("block", "blocks"),
    rules.NOT_MUTED: _unwelcome("mute", "mutes"),
    rules.REPOSTS: lambda t: (f"You have hidden what @{t.handle} reposts.", t),
    rules.ALL_REPOSTS: lambda t: ("You have hidden all reposts for now.", None),
    rules.FILTERED: lambda t: ("A filter of yours hides it.", None),
    rules.REPLY: lambda t: (
        f"It is a reply to {_answered(t)}, whom you do not follow.",
        _parent(t),
    ),
    rules.SINCE: lambda t: (f"It is older than your follow of @{t.handle}.", t),
}
