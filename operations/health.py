"""Whether the servers that Chirp needs answer: for health checks."""

from django.db import DatabaseError, connection

from chirp.redis.client import RedisAway, guarded, nodes


def postgres_answers() -> bool:
    """Whether Postgres answers a query now."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def redis_answers() -> bool:
    """Whether Redis answers now; all of its nodes, where it is a cluster."""
    try:
        with guarded():
            for node in nodes():
                node.run(lambda _: [("PING",)])
    except RedisAway:
        return False
    return True
