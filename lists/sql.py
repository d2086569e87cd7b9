"""Hand-written SQL of the lists app. It reads only tables of its own (tests/system/test_sql.py)."""

from chirp.db.prepared import Prepared

# The hashtags on a profile.
FEATURED = Prepared("""
SELECT tag FROM lists_featuredhashtag WHERE user_id = %(user)s::bigint ORDER BY id DESC
""")
# Every first page of home has them as its tabs.
NAMES = Prepared(
    """
SELECT id, name FROM lists_peoplelist
WHERE owner_id = %(owner)s::bigint
ORDER BY name, id
LIMIT %(limit)s::bigint
"""
)
