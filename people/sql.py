"""Hand-written SQL of the people app.

It reads accounts_user, and writes only tables of its own app (see tests/system/test_sql.py).
"""

from accounts.selectors import handle_query
from chirp.db.prepared import Prepared

# --- Relationships -------------------------------------------------------------------------------

RELATIONSHIPS = """
SELECT other.id,
    mine.since_id IS NOT NULL,
    EXISTS (SELECT FROM people_follow WHERE follower_id = other.id
        AND followee_id = %(viewer)s AND since_id IS NOT NULL),
    mine.id IS NOT NULL AND mine.since_id IS NULL,
    EXISTS (SELECT FROM people_block WHERE blocker_id = %(viewer)s AND blocked_id = other.id),
    EXISTS (SELECT FROM people_block WHERE blocker_id = other.id AND blocked_id = %(viewer)s),
    EXISTS (SELECT FROM people_mute WHERE muter_id = %(viewer)s AND muted_id = other.id),
    mine.since_id IS NOT NULL AND mine.reposts,
    mine.since_id IS NOT NULL AND mine.notify,
    (SELECT until FROM people_mute WHERE muter_id = %(viewer)s AND muted_id = other.id),
    coalesce((SELECT text FROM people_privatenote
        WHERE author_id = %(viewer)s AND about_id = other.id), ''),
    mine.since_id IS NOT NULL AND mine.featured
FROM unnest(%(others)s::bigint[]) AS other(id)
LEFT JOIN people_follow mine ON mine.follower_id = %(viewer)s AND mine.followee_id = other.id
"""
# Whether an account blocks the viewer, and whether the viewer follows it, given its id.
_BLOCKED_AND_FOLLOWS = (
    """EXISTS (SELECT FROM people_block
        WHERE blocker_id = {other} AND blocked_id = %(viewer)s::bigint)""",
    """EXISTS (SELECT FROM people_follow WHERE follower_id = %(viewer)s::bigint
        AND followee_id = {other} AND since_id IS NOT NULL)""",
)


def _blocked_and_follows(other: str) -> list[str]:
    return [expression.format(other=other) for expression in _BLOCKED_AND_FOLLOWS]


BLOCKED_AND_FOLLOWS = Prepared("SELECT " + ", ".join(_blocked_and_follows("%(other)s::bigint")))
# Lists of an account ask for it in the same query.
ACCOUNT_BLOCKED_AND_FOLLOWS = handle_query(*_blocked_and_follows("accounts_user.id"))

# The people on a profile, who are few.
FEATURED = Prepared("""
SELECT a.id, a.handle, a.name, a.avatar
FROM people_follow f JOIN accounts_user a ON a.id = f.followee_id
WHERE f.follower_id = %(user)s::bigint AND f.featured AND f.since_id IS NOT NULL
    AND a.deactivated_at IS NULL AND a.suspended_at IS NULL
ORDER BY f.id DESC LIMIT %(limit)s::bigint
""")

# --- Suggestions ---------------------------------------------------------------------------------

# Each subquery reads its table once for the whole pool, with an index.
SUGGESTED = Prepared(
    """
SELECT id, handle, name, avatar FROM accounts_user
WHERE id = ANY (%(pool)s::bigint[]) AND id <> %(viewer)s::bigint AND NOT private
    AND deactivated_at IS NULL AND suspended_at IS NULL AND limited_at IS NULL
    AND id <> ALL (ARRAY(SELECT followee_id FROM people_follow
        WHERE follower_id = %(viewer)s::bigint AND followee_id = ANY (%(pool)s::bigint[])))
    AND id <> ALL (ARRAY(SELECT blocked_id FROM people_block
        WHERE blocker_id = %(viewer)s::bigint AND blocked_id = ANY (%(pool)s::bigint[])))
    AND id <> ALL (ARRAY(SELECT blocker_id FROM people_block
        WHERE blocked_id = %(viewer)s::bigint AND blocker_id = ANY (%(pool)s::bigint[])))
    AND id <> ALL (ARRAY(SELECT muted_id FROM people_mute
        WHERE muter_id = %(viewer)s::bigint AND muted_id = ANY (%(pool)s::bigint[])))
ORDER BY followers_count DESC, id LIMIT %(limit)s::bigint
"""
)
# Accounts that those follow whom the viewer follows: how many of them, and two of their handles.
# Only the latest follows count, so that the query takes the same time for everyone.
FRIENDS_OF_FRIENDS = Prepared(
    """
WITH latest AS MATERIALIZED (
    SELECT followee_id AS id FROM people_follow
    WHERE follower_id = %(viewer)s::bigint AND since_id IS NOT NULL
    ORDER BY people_follow.id DESC LIMIT %(friends)s::bigint
), friend AS MATERIALIZED (
    SELECT a.id, a.handle FROM accounts_user a WHERE a.id = ANY (ARRAY(SELECT id FROM latest))
        AND a.deactivated_at IS NULL AND a.suspended_at IS NULL
), theirs AS MATERIALIZED (
    SELECT followed.followee_id AS id, friend.handle FROM friend CROSS JOIN LATERAL (
        SELECT followee_id FROM people_follow
        WHERE follower_id = friend.id AND since_id IS NOT NULL
        ORDER BY people_follow.id DESC LIMIT %(friends)s::bigint
    ) followed
)
SELECT id, count(*) AS friends, (array_agg(handle ORDER BY handle))[1:2] FROM theirs
GROUP BY id ORDER BY friends DESC, id LIMIT %(pool)s::bigint
"""
)

# --- Counts --------------------------------------------------------------------------------------

# Every account with a wrong count, and the correct counts.
WRONG_EDGE_COUNTS = """
SELECT u.id, u.followers_count, u.following_count,
    coalesce(i.edges, 0) AS followers, coalesce(o.edges, 0) AS following
FROM accounts_user u
LEFT JOIN (SELECT f.followee_id AS id, count(*) AS edges
    FROM people_follow f JOIN accounts_user a ON a.id = f.follower_id
    WHERE f.since_id IS NOT NULL AND a.deactivated_at IS NULL AND a.suspended_at IS NULL
    GROUP BY 1) i USING (id)
LEFT JOIN (SELECT f.follower_id AS id, count(*) AS edges
    FROM people_follow f JOIN accounts_user a ON a.id = f.followee_id
    WHERE f.since_id IS NOT NULL AND a.deactivated_at IS NULL AND a.suspended_at IS NULL
    GROUP BY 1) o USING (id)
WHERE u.followers_count <> coalesce(i.edges, 0) OR u.following_count <> coalesce(o.edges, 0)
ORDER BY u.id
"""
COUNT_EDGES = """
SELECT c.id,
    (SELECT count(*) FROM people_follow f JOIN accounts_user a ON a.id = f.follower_id
        WHERE f.followee_id = c.id AND f.since_id IS NOT NULL
        AND a.deactivated_at IS NULL AND a.suspended_at IS NULL),
    (SELECT count(*) FROM people_follow f JOIN accounts_user a ON a.id = f.followee_id
        WHERE f.follower_id = c.id AND f.since_id IS NOT NULL
        AND a.deactivated_at IS NULL AND a.suspended_at IS NULL)
FROM unnest(%s::bigint[]) AS c (id)
"""

# --- Graph import --------------------------------------------------------------------------------

CREATE_STAGING_TABLE = """
CREATE TEMPORARY TABLE IF NOT EXISTS import_edge (follower bigint, followee bigint) ON COMMIT DROP
"""
COPY_EDGES = "COPY import_edge FROM STDIN"
# Follows the rules of services.follow: it skips accounts that are deactivated or suspended and
# pairs with a block, and writes a request if the followee is private. Returns the number of new
# follows, the number of new requests, and the changes to the counts of each account.
INSERT_FOLLOWS = """
WITH inserted AS (
    INSERT INTO people_follow (follower_id, followee_id, since_id, reposts)
    SELECT e.follower, e.followee, CASE WHEN NOT u.private THEN chirp_next_id() END, TRUE
    FROM import_edge e JOIN accounts_user u ON u.id = e.followee
    JOIN accounts_user v ON v.id = e.follower
    WHERE u.deactivated_at IS NULL AND u.suspended_at IS NULL
    AND v.deactivated_at IS NULL AND v.suspended_at IS NULL AND NOT EXISTS (
        SELECT FROM people_block b
        WHERE (b.blocker_id, b.blocked_id) IN ((e.follower, e.followee), (e.followee, e.follower)))
    ORDER BY e.follower, e.followee
    ON CONFLICT (follower_id, followee_id) DO NOTHING
    RETURNING follower_id, followee_id, since_id
), ends AS (
    SELECT follower_id AS id, 0 AS followers, 1 AS following FROM inserted
        WHERE since_id IS NOT NULL
    UNION ALL SELECT followee_id, 1, 0 FROM inserted WHERE since_id IS NOT NULL
)
SELECT (SELECT count(since_id) FROM inserted),
    (SELECT count(*) - count(since_id) FROM inserted),
    ARRAY(SELECT ROW(id, sum(followers)::int, sum(following)::int) FROM ends GROUP BY id)
"""
