"""The hand-written SQL of filters."""

from chirp.db.prepared import Prepared

# One index probe for the many who have no filters.
ACTIVE_FILTERS = Prepared("""
SELECT f.id, f.title, f.action,
    array_agg(p.text ORDER BY p.id), array_agg(p.whole_word ORDER BY p.id)
FROM filters_filter f JOIN filters_filterphrase p ON p.filter_id = f.id
WHERE f.owner_id = %(viewer)s::bigint AND f.contexts ? %(context)s::text
    AND (f.expires_at IS NULL OR f.expires_at > now())
GROUP BY f.id ORDER BY f.id
""")
