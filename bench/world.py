"""Accounts, follows and tweets for the figures, inserted as rows: a million in one statement."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count

from django.db import connection
from django.utils import timezone
from psycopg import sql

from accounts import tokens
from accounts.models import User
from chirp import ids
from people import services as people_services
from people.models import Follow, Mute
from tweets.models import Like

PEOPLE = """
INSERT INTO accounts_user (password, is_superuser, handle, email, name, bio, place, link, private,
    is_staff, token_version, followers_count, following_count, tweets_count, likes_count)
SELECT '!', FALSE, %(prefix)s || n, %(prefix)s || n || '@example.org', 'Person ' || n, '', '', '',
    FALSE, FALSE, 0, 0, 0, 0, 0 FROM generate_series(1, %(count)s) AS n
RETURNING id
"""
PAIRS = """
INSERT INTO people_follow (follower_id, followee_id, since_id, reposts)
SELECT follower, followee, chirp_next_id(), TRUE
FROM unnest(%s::bigint[], %s::bigint[]) AS pair (follower, followee)
ON CONFLICT DO NOTHING
"""
COUNT_FOLLOWS = """
UPDATE accounts_user u SET
    followers_count = (SELECT count(*) FROM people_follow WHERE followee_id = u.id),
    following_count = (SELECT count(*) FROM people_follow WHERE follower_id = u.id)
WHERE id = ANY(%s)
"""
TWEET_COLUMNS = (
    "id",
    "author_id",
    "text",
    "visibility",
    "sensitive",
    "spoiler",
    "reply_to_id",
    "reply_to_author_id",
    "conversation_id",
    "repost_of_id",
    "quote_of_id",
    "likes_count",
    "reposts_count",
    "quotes_count",
    "replies_count",
)
WORDS = ("morning", "coffee", "train", "window", "light", "garden", "music", "quiet", "market")
_batches = count(1)


def execute(query: str, parameters: object = None) -> None:
    """Run one statement, whose writes need not be durable."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        cursor.execute(query, parameters)  # type: ignore[arg-type]
        cursor.execute("RESET synchronous_commit")


def create_accounts(number: int) -> list[int]:
    """Create accounts without relations, and return their ids in increasing order."""
    prefix = f"b{next(_batches)}_"
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        cursor.execute(PEOPLE, {"prefix": prefix, "count": number})
        found = sorted(row[0] for row in cursor.fetchall())
        cursor.execute("RESET synchronous_commit")
    return found


def follow(pairs: Iterable[tuple[int, int]], *, counted: bool = True) -> None:
    """Make the first account of each pair follow the second; `counted` updates the counts."""
    edges = list(pairs)
    followers, followees = [a for a, _ in edges], [b for _, b in edges]
    execute(PAIRS, [followers, followees])
    if counted:
        execute(COUNT_FOLLOWS, [list({*followers, *followees})])


def account(id_: int) -> User:
    """The account with this id."""
    found: User = User.objects.get(pk=id_)
    return found


def token(id_: int) -> str:
    """A new access token for this account."""
    return tokens.issue(user=account(id_), now=timezone.now()).access


@dataclass(slots=True)
class Draft:
    """A tweet to insert. `counts` are likes, reposts, quotes and replies."""

    author: int
    text: str = ""
    reply_to: "Draft | None" = None
    repost_of: "Draft | None" = None
    quote_of: "Draft | None" = None
    id: int = field(default=0)
    counts: tuple[int, int, int, int] = (0, 0, 0, 0)

    def row(self) -> tuple[object, ...]:
        """The values of TWEET_COLUMNS."""
        parent = self.reply_to
        refers = [draft.id if draft else None for draft in (self.repost_of, self.quote_of)]
        return (
            self.id,
            self.author,
            self.text,
            "public",
            False,
            "",
            parent.id if parent else None,
            parent.author if parent else None,
            parent.id if parent else (None if self.repost_of else self.id),
            *refers,
            *self.counts,
        )


def insert_tweets(drafts: Sequence[Draft]) -> list[int]:
    """Insert tweets, oldest first, and return their ids. Referenced tweets come first."""
    for draft, id_ in zip(drafts, ids.draw(len(drafts)), strict=True):
        draft.id = id_
    columns = sql.SQL(", ").join(map(sql.Identifier, TWEET_COLUMNS))
    with connection.cursor() as cursor:
        statement = sql.SQL("COPY tweets_tweet ({}) FROM STDIN").format(columns)
        with cursor.copy(statement) as copy:
            for draft in drafts:
                copy.write_row(draft.row())
    return [draft.id for draft in drafts]


def sentence(rng: random.Random) -> str:
    """A random sentence, sometimes with a link or a hashtag."""
    text = " ".join(rng.choices(WORDS, k=rng.randint(4, 18)))
    ending = rng.random()
    if ending < 0.1:
        text += f" https://example.org/{rng.choice(WORDS)}"
    elif ending < 0.3:
        text += f" #{rng.choice(WORDS)}"
    return text


def conversation(
    authors: Sequence[int], *, tweets: int, rng: random.Random, strangers: Sequence[int] = ()
) -> list[Draft]:
    """Drafts of a conversation among `authors`.

    Three of five are originals; the others are reposts (some of `strangers`), quotes and replies,
    about equally many of each kind.
    """
    drafts = [Draft(author, sentence(rng)) for author in (*strangers, *authors)]
    originals = list(drafts)
    reposted: set[tuple[int, int]] = set()
    for _ in range(tweets):
        draft = _next(rng.choice(authors), originals[-400:], reposted, rng)
        drafts.append(draft)
        if draft.repost_of is None:
            originals.append(draft)
    return drafts


def _next(
    author: int, recent: Sequence[Draft], reposted: set[tuple[int, int]], rng: random.Random
) -> Draft:
    kind, about = rng.random(), rng.choice(recent)
    counts = (rng.randint(0, 90), rng.randint(0, 20), rng.randint(0, 5), rng.randint(0, 9))
    if kind < 0.14 and (author, id(about)) not in reposted:
        reposted.add((author, id(about)))
        return Draft(author, repost_of=about)
    if kind < 0.27:
        return Draft(author, sentence(rng), quote_of=about, counts=counts)
    if kind < 0.4:
        return Draft(author, sentence(rng), reply_to=about, counts=counts)
    return Draft(author, sentence(rng), counts=counts)


def mute(muter: int, muted: Sequence[int]) -> None:
    """Mute accounts, directly as rows."""
    Mute.objects.bulk_create([Mute(muter_id=muter, muted_id=id_) for id_ in muted])


def block(blocker: int, blocked: Sequence[int]) -> None:
    """Block accounts that have no relation to the blocker."""
    for id_ in blocked:
        people_services.block(blocker=account(blocker), blocked=account(id_))


def like(user: int, tweet_ids: Sequence[int]) -> None:
    """Like tweets, without changing their counts."""
    Like.objects.bulk_create([Like(user_id=user, tweet_id=id_) for id_ in tweet_ids])


def unfollow(follower: int, followee: int) -> None:
    """Delete the row of a follow, without an event, which is measured separately."""
    Follow.objects.filter(follower_id=follower, followee_id=followee).delete()


def create_consecutive_accounts(number: int) -> tuple[int, int]:
    """Create many accounts. Returns the first and the last of their consecutive ids."""
    query = f"WITH made AS ({PEOPLE}) SELECT min(id), max(id), count(*) FROM made"
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        cursor.execute(query, {"prefix": f"b{next(_batches)}_", "count": number})
        first, last, made = cursor.fetchone()
        cursor.execute("RESET synchronous_commit")
    assert last - first + 1 == made == number
    return first, last
