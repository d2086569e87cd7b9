"""Write the documents of tweets: what search finds them by."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import connection, transaction

from search import contents, lexemes, sql
from search.language import language_of
from search.models import Document
from search.stems import stems_of
from search.words import Token, tokens, vector
from tweets.models import Hashtag, Mention, Tweet
from tweets.visibility import Visibility

T = TypeVar("T")
COLUMNS = (
    *("pk", "author_id", "text", "language", "visibility", "has_poll", "media_count"),
    "media_hidden",
    *("reply_to_id", "reply_to_author_id"),
)


@dataclass(slots=True)
class _Draft:
    """A document before its words are stemmed."""

    tweet: Tweet
    language: str
    tokens: list[Token]
    lexemes: set[str]


@transaction.atomic
def index_tweets(tweet_ids: Collection[int]) -> None:
    """Write the documents of these tweets anew, and remove those of tweets that are gone.

    Doing it twice, or at the same time in two processes, is the same as doing it once. Reposts are
    not indexed: the original is found.
    """
    with connection.cursor() as cursor:
        cursor.execute(sql.LOCK_DOCUMENTS, [list(tweet_ids)])
    present = Tweet.objects.filter(
        pk__in=tweet_ids, repost_of=None, deleted_at=None, hidden_at=None
    )
    drafts = _drafts(list(present.only(*COLUMNS)))
    _add_stems(drafts)
    _write(drafts)
    gone = set(tweet_ids) - {draft.tweet.pk for draft in drafts}
    Document.objects.filter(pk__in=gone).delete()


def _drafts(found: Sequence[Tweet]) -> list[_Draft]:
    ids = [tweet.pk for tweet in found]
    tags = _grouped(Hashtag.objects.filter(tweet__in=ids).values_list("tweet_id", "tag"))
    mentions = _grouped(Mention.objects.filter(tweet__in=ids).values_list("tweet_id", "user_id"))
    contained = contents.kinds(found)
    drafts = []
    for tweet in found:
        draft = _draft(tweet)
        draft.lexemes.update(map(lexemes.tag, tags[tweet.pk]))
        draft.lexemes.update(map(lexemes.mentioned, mentions[tweet.pk]))
        draft.lexemes.update(f"has:{kind}" for kind in contained[tweet.pk])
        drafts.append(draft)
    return drafts


def _grouped(rows: Iterable[tuple[int, T]]) -> dict[int, list[T]]:
    groups: dict[int, list[T]] = defaultdict(list)
    for key, value in rows:
        groups[key].append(value)
    return groups


def _draft(tweet: Tweet) -> _Draft:
    language = language_of(tweet.text, declared=tweet.language)
    found = tokens(tweet.text)
    of_tweet = {
        lexemes.author(tweet.author_id),
        *lexemes.periods(tweet.pk),
        *lexemes.of_tokens(found),
    }
    if language:
        of_tweet.add(f"lang:{language}")
    if tweet.reply_to_author_id is not None:
        of_tweet |= {lexemes.answered(tweet.reply_to_author_id), "is:reply"}
    return _Draft(tweet, language, found, of_tweet)


def _add_stems(drafts: Sequence[_Draft]) -> None:
    """Add the stems of all words. One query for all documents."""
    words = {(d.language, t.written) for d in drafts for t in d.tokens if not t.is_run}
    stems = stems_of(words)
    for draft in drafts:
        pairs = ((draft.language, token.written) for token in draft.tokens if not token.is_run)
        for pair in pairs:
            if stem := stems.get(pair):
                draft.lexemes.update(lexemes.stems(draft.language, stem))


def _write(drafts: Sequence[_Draft]) -> None:
    if not drafts:
        return
    columns: list[Any] = [
        [draft.tweet.pk for draft in drafts],
        [draft.tweet.author_id for draft in drafts],
        [draft.language for draft in drafts],
        [draft.tweet.visibility == Visibility.PUBLIC for draft in drafts],
        [vector(draft.lexemes) for draft in drafts],
    ]
    with connection.cursor() as cursor:
        cursor.execute(sql.WRITE_DOCUMENTS, columns)
