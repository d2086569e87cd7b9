"""The queries for what is above and below a tweet in its thread."""

from chirp.db.prepared import Prepared

# The ids of the tweets above a reply, nearest first. Parameters: the reply's id, the most steps.
ANCESTORS = """
WITH RECURSIVE ancestors AS (
    SELECT reply_to_id AS id, 1 AS steps FROM tweets_tweet WHERE id = %s
    UNION ALL
    SELECT t.reply_to_id, steps + 1 FROM ancestors JOIN tweets_tweet t USING (id) WHERE steps < %s
)
SELECT id FROM ancestors WHERE id IS NOT NULL
"""

# What answers the tweets `tops`, level by level: the id of each answer and of what it answers.
_ANSWERS = """(SELECT id FROM tweets_tweet
        WHERE reply_to_id = below.id AND {which} AND live ORDER BY id LIMIT %(each)s::bigint)"""
_ANSWERS_OF_ALL = " UNION ALL ".join(
    _ANSWERS.format(which=which)
    for which in (
        "reach = 'public'",
        "reach = 'unlisted'",
        "reach IN ('followers', 'nobody') AND author_id = %(viewer)s::bigint",
    )
)
BRANCHES = Prepared(f"""
WITH RECURSIVE below (id, parent_id, depth) AS (
    SELECT top, NULL::bigint, 0 FROM unnest(%(tops)s::bigint[]) AS top
    UNION ALL
    SELECT answer.id, below.id, depth + 1 FROM below CROSS JOIN LATERAL (
        {_ANSWERS_OF_ALL} ORDER BY id LIMIT %(each)s::bigint
    ) answer
    WHERE depth < %(depth)s::bigint
)
SELECT id, parent_id FROM below WHERE depth > 0 ORDER BY depth, id LIMIT %(most)s::bigint
""")  # noqa: S608 - made of constants
