"""Health checks of the servers that Chirp needs."""

from django.db import DatabaseError, connection

from chirp.redis.client import RedisAway, guarded, nodes


def postgres_answers() -> bool:
    """Whether Postgres answers a query."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def redis_answers() -> bool:
    """Whether Redis answers; in a cluster, whether all nodes do."""
    try:
        with guarded():
            for node in nodes():
                node.run(lambda _: [("PING",)])
    except RedisAway:
        return False
    return True
