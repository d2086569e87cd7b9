"""Write the documents of tweets: what search finds them by."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db import transaction

from search import contents, lexemes, sql
from search.language import language_of
from search.models import Document
from search.stems import stems_of
from search.words import Token, tokens, vector
from tweets.visibility import Visibility


class Source(NamedTuple):
    """What a tweet says, and everything else that its document is made of."""

    id: int
    author_id: int
    text: str
    language: str
    visibility: str
    has_poll: bool
    has_media: bool
    reply_to_author_id: int | None
    tags: list[str]
    mentioned: list[int]


@dataclass(slots=True)
class _Draft:
    """A document before its words are stemmed."""

    tweet: Source
    language: str
    tokens: list[Token]
    lexemes: set[str]


@transaction.atomic(savepoint=False)
def index_tweets(tweet_ids: Collection[int]) -> None:
    """Write the documents of these tweets anew, and remove those of tweets that are gone.

    Doing it twice, or at the same time in two processes, is the same as doing it once. Reposts are
    not indexed: the original is found.
    """
    # The queries are prepared, and a task's transaction needs no savepoint: with the ORM, a single
    # tweet took three times as long.
    ids = list(tweet_ids)
    sql.LOCK_DOCUMENTS.rows(ids=ids)
    drafts = [_draft(Source(*row)) for row in sql.TO_INDEX.rows(ids=ids)]
    _add_stems(drafts)
    _write(drafts)
    if gone := set(ids) - {draft.tweet.id for draft in drafts}:
        Document.objects.filter(pk__in=gone).delete()


def _draft(tweet: Source) -> _Draft:
    language = language_of(tweet.text, declared=tweet.language)
    found = tokens(tweet.text)
    of_tweet = {
        lexemes.author(tweet.author_id),
        *lexemes.periods(tweet.id),
        *lexemes.of_tokens(found),
        *map(lexemes.tag, tweet.tags),
        *map(lexemes.mentioned, tweet.mentioned),
    }
    kinds = contents.kinds(text=tweet.text, has_poll=tweet.has_poll, has_media=tweet.has_media)
    of_tweet.update(f"has:{kind}" for kind in kinds)
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
    documents = [
        {
            "tweet_id": draft.tweet.id,
            "author_id": draft.tweet.author_id,
            "language": draft.language,
            "public": draft.tweet.visibility == Visibility.PUBLIC,
            "lexemes": vector(draft.lexemes),
        }
        for draft in drafts
    ]
    sql.WRITE_DOCUMENTS.rows(documents=json.dumps(documents))
