"""What the database alone costs: an INSERT and its COMMIT, durable as in production."""

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
    """A connection that writes tweets of somebody nobody follows."""

    def __init__(self) -> None:
        (self.author,) = world.people(1)
        self.connection = psycopg.connect(settings.DATABASE_URL, autocommit=True)
        for _ in range(10):  # prepared after five
            self.one_ms()

    def one_ms(self) -> float:
        """Insert one and commit. How long it took."""
        started = perf_counter()
        self.connection.execute(INSERT, [self.author])
        return 1000 * (perf_counter() - started)

    def close(self) -> None:
        """Be done."""
        self.connection.close()
