"""Report an account and its tweets to the moderators."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db import transaction

from accounts.locks import lock_accounts
from accounts.models import User
from chirp.errors import ChirpError
from chirp.plain_text import clean_lines
from chirp.texts import ntext
from chirp.texts import text as _
from media.selectors import of_tweets
from moderation.models import COMMENT_LENGTH, Case, Category, Report, ReportedTweet
from tweets.models import Tweet
from tweets.read.access import original_of
from tweets.read.facts import Facts
from tweets.read.hydrate import hydrate

MAX_TWEETS = 20  # that one request names


class NotAboutYourself(ChirpError):
    """Raised when an account reports itself."""

    code = "yourself"
    message = _("You cannot report yourself.")


class TooManyTweets(ChirpError):
    """A report names more than MAX_TWEETS tweets."""

    message = ntext(
        "At most %(num)s tweets at a time.", "At most %(num)s tweets at a time.", MAX_TWEETS
    )
    field = "tweet_ids"


class ForeignTweets(ChirpError):
    """A tweet is not there for the reporter, or somebody else wrote it."""

    message = _("The reported account must have written each of the tweets, and you must see them.")
    field = "tweet_ids"


class NothingReported(ChirpError):
    """The report names neither an account nor a tweet."""

    message = _("Name an account or a tweet.")
    field = "handle"


def report(
    *,
    reporter: User,
    category: Category,
    account: User | None = None,
    tweet_ids: Collection[int] = (),
    rule_ids: Collection[int] = (),
    comment: str = "",
) -> Report:
    """Report an account, or the author of the tweets, and return the report.

    The tweets are copied as they are now. Reporting the same account again, in the same category
    and before a moderator has decided, adds tweets, rules and the comment to the first report.

    Raises NotAboutYourself, TooManyTweets, ForeignTweets, NothingReported and BadText.
    """
    comment = clean_lines(comment, field="comment", limit=COMMENT_LENGTH)
    tweets = _reported(reporter, tweet_ids)
    account_id = account.pk if account else _author(tweets)
    if account_id == reporter.pk:
        raise NotAboutYourself
    if any(tweet.author_id != account_id for tweet in tweets):
        raise ForeignTweets
    with transaction.atomic():
        lock_accounts(account_id)  # one case at a time
        found = _report_in(open_case(account_id), reporter, category)
        _add(found, rule_ids, comment)
        _copy(found, tweets)
    return found


def report_by_itself(*, tweet: Tweet) -> None:
    """Report a tweet on behalf of the site, in the transaction that wrote it and locked its author.

    Tweets of one account are one report, as long as its case is open.
    """
    found = _report_in(open_case(tweet.author_id), None, Category.RULES)
    _copy(found, hydrate([tweet.pk], viewer_id=tweet.author_id))


def open_case(account_id: int) -> Case:
    """Return the open case about an account, which is locked; it is created if there is none."""
    return Case.objects.get_or_create(account_id=account_id, closed_at=None)[0]


def _report_in(case: Case, reporter: User | None, category: Category) -> Report:
    return Report.objects.get_or_create(case=case, reporter=reporter, category=category)[0]


def _reported(reporter: User, tweet_ids: Collection[int]) -> list[Facts]:
    """Return the tweets, and for reposts their originals. Raises ForeignTweets."""
    wanted = set(tweet_ids)
    if len(wanted) > MAX_TWEETS:
        raise TooManyTweets
    found = hydrate(wanted, viewer_id=reporter.pk) if wanted else []
    originals = {tweet.id: tweet for tweet in map(original_of, found) if tweet}
    if len(found) < len(wanted) or None in map(original_of, found):
        raise ForeignTweets
    return list(originals.values())


def _author(tweets: Sequence[Facts]) -> int:
    if not tweets:
        raise NothingReported
    return tweets[0].author_id


def _add(found: Report, rule_ids: Iterable[int], comment: str) -> None:
    """Add what is new to a report."""
    found.rule_ids = sorted({*found.rule_ids, *rule_ids})
    if comment and comment not in found.comment:
        found.comment = "\n\n".join(filter(None, (found.comment, comment)))
    found.save(update_fields=["rule_ids", "comment"])


def _copy(found: Report, tweets: Sequence[Facts]) -> None:
    """Keep the tweets as they are. One that was reported before keeps its first copy."""
    media = of_tweets([tweet.id for tweet in tweets]) if tweets else {}
    rows = [_copy_of(found, tweet, media.get(tweet.id, ())) for tweet in tweets]
    ReportedTweet.objects.bulk_create(rows, ignore_conflicts=True)


def _copy_of(found: Report, tweet: Facts, media: Iterable[Any]) -> ReportedTweet:
    return ReportedTweet(
        report=found,
        tweet_id=tweet.id,
        text=tweet.text,
        spoiler=tweet.spoiler,
        visibility=tweet.visibility,
        media=[{"key": item.key, "kind": item.kind, "alt": item.alt} for item in media],
        written_at=tweet.created_at,
    )
