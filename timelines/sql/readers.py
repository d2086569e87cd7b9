"""The queries for what readers chose, and the authors they pull: of one reader, or of many."""

from accounts.selectors import person_query
from chirp.db.prepared import Prepared
from filters.sql import active

# One index probe for each pulled author, of which there are few. So the cost does not depend on how
# many accounts the viewer follows. See tweets/sql/facts.py for the reason for LIMIT 1.
_PULLED = """
SELECT p.author_id FROM timelines_pulledauthor p CROSS JOIN LATERAL (
    SELECT FROM people_follow f WHERE f.follower_id = %(viewer)s::bigint
        AND f.followee_id = p.author_id AND f.since_id IS NOT NULL LIMIT 1
) f
WHERE (SELECT TRUE FROM people_mute m
        WHERE m.muter_id = %(viewer)s::bigint AND m.muted_id = p.author_id LIMIT 1) IS NULL
    AND (SELECT TRUE FROM accounts_user a WHERE a.id = p.author_id
        AND (a.deactivated_at IS NOT NULL OR a.suspended_at IS NOT NULL) LIMIT 1) IS NULL
"""
PULLED_FOLLOWEES = Prepared(_PULLED)
# Whether there is anything to load with CHOICES. It costs a third of loading it.
_CHOOSES = """EXISTS (
    SELECT FROM lists_hashtagfollow WHERE user_id = %(viewer)s::bigint
    UNION ALL SELECT FROM lists_peoplelist WHERE owner_id = %(viewer)s::bigint AND exclusive
    UNION ALL SELECT FROM filters_filter WHERE owner_id = %(viewer)s::bigint)"""
_READER = (f"ARRAY({_PULLED})", "reposts_hidden_until", _CHOOSES)
READER = person_query(*_READER)
READING = Prepared(
    f"SELECT {', '.join(_READER)} FROM accounts_user WHERE id = %(viewer)s::bigint"  # noqa: S608
)
# The hashtags that the viewer follows, the members of their exclusive lists, and their filters.
_CHOICES = f"""
SELECT ARRAY(SELECT tag FROM lists_hashtagfollow WHERE user_id = %(viewer)s::bigint),
    ARRAY(SELECT m.user_id FROM lists_peoplelist l JOIN lists_listmember m ON m.list_id = l.id
        WHERE l.owner_id = %(viewer)s::bigint AND l.exclusive),
    ARRAY(SELECT json_build_array(id, title, action, texts, whole_words, contexts, expires)
        FROM ({active("'home'")}) active)
"""  # noqa: S608 - only a constant is interpolated
CHOICES = Prepared(_CHOICES)

# Many readers at once.
FOR_EACH = "unnest(%(viewers)s::bigint[]) AS viewer (id)"
# READING and CHOICES for many viewers at once; suspended and deactivated accounts read nothing.
READERS = Prepared(f"""
SELECT viewer.id, a.reposts_hidden_until, {_CHOOSES.replace("%(viewer)s::bigint", "viewer.id")}
FROM {FOR_EACH} JOIN accounts_user a ON a.id = viewer.id
    AND a.deactivated_at IS NULL AND a.suspended_at IS NULL
""")  # noqa: S608 - as above
CHOICES_FOR = Prepared(f"""
SELECT viewer.id, found.* FROM {FOR_EACH} CROSS JOIN LATERAL (
    {_CHOICES.replace("%(viewer)s::bigint", "viewer.id")}) found
""")  # noqa: S608 - as above
