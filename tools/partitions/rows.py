"""Tweets, likes and all that belongs to them, inserted as rows: millions in a few statements."""

import time
from dataclasses import dataclass

import psycopg

from chirp import ids

PEOPLE = 20_000
FOLLOWEES = 300  # of the viewer
# The indexes are made once all rows are there, in the same form.
INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid)
FROM pg_index JOIN pg_class t ON t.oid = indrelid
WHERE t.relname = ANY (%s) AND NOT indisprimary
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
"""
ACCOUNTS = """
INSERT INTO accounts_user (id, password, is_superuser, handle, email, name, bio, place, link,
    private, is_staff, token_version, followers_count, following_count, tweets_count, likes_count)
OVERRIDING SYSTEM VALUE
SELECT n, '!', FALSE, 'p' || n, 'p' || n || '@example.org', 'Person ' || n, '', '', '',
    FALSE, FALSE, 0, 0, 0, 0, 0 FROM generate_series(1, {people}) AS n
"""
# The viewer follows accounts of all kinds: those who write much, and those who hardly do.
FOLLOWS = """
INSERT INTO people_follow (follower_id, followee_id, since_id, reposts)
SELECT 1, 2 + n * (({people} - 10) / {followees}), 1, TRUE
FROM generate_series(0, {followees} - 1) AS n;
UPDATE accounts_user SET following_count = {followees} WHERE id = 1;
"""
# A tweet in ten starts a conversation. Others answer, repost and quote those of a while ago: small
# distances are more likely. The authors' numbers are cubed: few write much. One conversation among
# the newest has many answers.
FUNCTIONS = """
CREATE FUNCTION chirp_bench_id(n bigint) RETURNS bigint IMMUTABLE LANGUAGE sql
    RETURN ({begin}::bigint + n * {step}::bigint) << 12;
CREATE FUNCTION chirp_bench_author(n bigint) RETURNS bigint IMMUTABLE LANGUAGE sql
    RETURN 2 + (
        ({people} - 10) * ((n * 2654435761 % 4294967296) / 4294967296.0::float8) ^ 3)::bigint;
"""
TWEETS = """
INSERT INTO tweets_tweet (id, author_id, text, visibility, sensitive, spoiler, reply_to_id,
    reply_to_author_id, conversation_id, repost_of_id, quote_of_id, likes_count, reposts_count,
    quotes_count, replies_count)
SELECT id, CASE WHEN kind = 'repost' THEN 2 + n * 7919 % ({people} - 10) ELSE author END,
    CASE WHEN kind = 'repost' THEN '' ELSE 'Coffee at the window, and the train of '
        || n || ' is late again. #tag' || n / 7 % 200 END,
    'public', FALSE, '',
    CASE WHEN kind = 'reply' THEN target END, CASE WHEN kind = 'reply' THEN target_author END,
    CASE kind WHEN 'reply' THEN target WHEN 'repost' THEN NULL ELSE id END,
    CASE WHEN kind = 'repost' THEN target END, CASE WHEN kind = 'quote' THEN target END, 0, 0, 0, 0
FROM (
    SELECT n, chirp_bench_id(n) AS id, chirp_bench_author(n) AS author,
        chirp_bench_id(m) AS target, chirp_bench_author(m) AS target_author,
        CASE WHEN m = {popular} THEN 'reply' WHEN n % 10 = 0 OR m < {first} THEN 'tweet'
            WHEN n * 7919 % 100 < 25 THEN 'reply' WHEN n * 7919 % 100 < 39 THEN 'repost'
            WHEN n * 7919 % 100 < 45 THEN 'quote' ELSE 'tweet' END AS kind
    FROM (
        SELECT n, CASE WHEN n > {popular} AND n % 3 = 1 THEN {popular}
            ELSE (n - 1 - (3000 * random() ^ 3)::bigint) / 10 * 10 END AS m
        FROM generate_series({first}::bigint, {last}::bigint) AS n
    ) numbered
) tweet
"""
RARE = """
UPDATE tweets_tweet SET author_id = {people}, text = 'Rarely'
WHERE id BETWEEN chirp_bench_id({first}) AND chirp_bench_id({first} + 100)
    AND id = conversation_id AND quote_of_id IS NULL
    AND (id >> 12) % 3 = 0
"""
HASHTAGS = """
INSERT INTO tweets_hashtag (tweet_id, tag, author_id, listed)
SELECT id, substring(text FROM '#(.*)'), author_id, TRUE FROM tweets_tweet
WHERE id BETWEEN chirp_bench_id({first}) AND chirp_bench_id({last}) AND (id >> 12) % 5 = 0
    AND text LIKE '%#%'
"""
LIKES = """
INSERT INTO tweets_like (user_id, tweet_id)
SELECT 2 + (id >> 12) % ({people} - 10), id FROM tweets_tweet
WHERE id BETWEEN chirp_bench_id({first}) AND chirp_bench_id({last}) AND (id >> 12) % 2 = 0
"""
DOCUMENTS = """
INSERT INTO search_document (tweet_id, author_id, language, public, lexemes)
SELECT id, author_id, 'en', TRUE, array_to_tsvector(ARRAY['coffee', 'window', 'train', 'late',
    'w' || (id >> 12) % 50000, 't20:' || (id >> 32), 't24:' || (id >> 36), 't28:' || (id >> 40),
    't32:' || (id >> 44)])
FROM tweets_tweet
WHERE id BETWEEN chirp_bench_id({first}) AND chirp_bench_id({last}) AND (id >> 12) % 10 = 0
    AND repost_of_id IS NULL
"""
TABLES = ["tweets_tweet", "tweets_hashtag", "tweets_like", "search_document"]


@dataclass(frozen=True, slots=True)
class Span:
    """The time over which `total` tweets are spread evenly, up to now, and their numbers."""

    total: int
    now: float
    people: int = PEOPLE

    @property
    def step(self) -> int:
        """Milliseconds from one tweet to the next."""
        return (int(self.now * 1000) - self.begin - ids.EPOCH_MS) // self.total

    @property
    def begin(self) -> int:
        """The moment of the first tweet, in milliseconds since the first id."""
        return ids.DENSE_MS - ids.EPOCH_MS

    @property
    def popular(self) -> int:
        """The number of the tweet with many answers, near the end."""
        return (self.total - 6000) // 10 * 10

    def id(self, number: int) -> int:
        """The id of a tweet."""
        return self.begin + number * self.step << ids.SEQUENCE_BITS


def begin(database: psycopg.Connection, span: Span) -> None:
    """Create accounts and follows."""
    values = {
        "people": span.people,
        "followees": FOLLOWEES,
        "begin": span.begin,
        "step": span.step,
    }
    for statement in (FUNCTIONS, ACCOUNTS, FOLLOWS):
        database.execute(statement.format(**values))


def fill(database: psycopg.Connection, span: Span, first: int, last: int) -> None:
    """Insert the tweets with these numbers, both included, and what belongs to them.

    The connection is a superuser's, who can leave out the checks of foreign keys.
    """
    indexes = database.execute(INDEXES, [TABLES]).fetchall()
    database.execute("SET session_replication_role = replica")
    database.execute("SET maintenance_work_mem = '1GB'")
    for name, _ in indexes:
        database.execute(f"DROP INDEX {name}")
    values = {"people": span.people, "first": first, "last": last, "popular": span.popular}
    for statement in (TWEETS, RARE, HASHTAGS, LIKES, DOCUMENTS):
        started = time.monotonic()
        done = database.execute(statement.format(**values))
        print(f"{done.rowcount:,} rows in {time.monotonic() - started:.0f} s", flush=True)
    for _, definition in indexes:
        database.execute(definition)
    database.execute("VACUUM (FREEZE, ANALYZE)")
