"""The cost of the database alone: a durable INSERT and COMMIT, as in production."""

from time import perf_counter

import psycopg
from django.conf import settings

from bench import world

INSERT = """
INSERT INTO tweets_tweet (id, author_id, text, visibility, sensitive, spoiler, conversation_id,
    likes_count, reposts_count, quotes_count, replies_count)
VALUES (chirp_next_id(), %s, 'Now', 'public', FALSE, '', NULL, 0, 0, 0, 0)
"""


class Inserts:
    """A connection that inserts tweets of an author without followers."""

    def __init__(self) -> None:
        (self.author,) = world.create_accounts(1)
        self.connection = psycopg.connect(settings.DATABASE_URL, autocommit=True)
        for _ in range(10):  # psycopg prepares a statement after five executions
            self.one_ms()

    def one_ms(self) -> float:
        """Insert one tweet and commit. Returns the milliseconds."""
        started = perf_counter()
        self.connection.execute(INSERT, [self.author])
        return 1000 * (perf_counter() - started)

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()
