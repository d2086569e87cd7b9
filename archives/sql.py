"""The SQL of archives."""

# Held until the transaction ends.
WAIT_FOR_OTHER_STEPS = """
SELECT pg_advisory_xact_lock('archives_import'::regclass::int, hashint8(%s))
"""
WAIT_FOR_OTHER_EXPORTS = """
SELECT pg_advisory_xact_lock('archives_export'::regclass::int, hashint8(%s))
"""
