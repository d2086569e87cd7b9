"""The hand-written SQL of filters."""

from chirp.db.prepared import Prepared


def active(context: str) -> str:
    """Return a query for the filters of `%(viewer)s` that apply in `context`, an SQL expression.

    It is one index probe for the many who have no filters.
    """
    return f"""
SELECT f.id, f.title, f.action, array_agg(p.text ORDER BY p.id) AS texts,
    array_agg(p.whole_word ORDER BY p.id) AS whole_words, f.contexts,
    extract(epoch FROM f.expires_at)::float8 AS expires
FROM filters_filter f JOIN filters_filterphrase p ON p.filter_id = f.id
WHERE f.owner_id = %(viewer)s::bigint AND f.contexts ? {context}
    AND (f.expires_at IS NULL OR f.expires_at > now())
GROUP BY f.id ORDER BY f.id
"""  # noqa: S608 - only constants are interpolated


ACTIVE_FILTERS = Prepared(active("%(context)s::text"))
# The same for many viewers: each row begins with the viewer.
ACTIVE_FILTERS_FOR = Prepared(f"""
SELECT viewer.id, found.* FROM unnest(%(viewers)s::bigint[]) AS viewer (id) CROSS JOIN LATERAL (
    {active("%(context)s::text").replace("%(viewer)s::bigint", "viewer.id")}) found
""")  # noqa: S608 - only constants are interpolated
