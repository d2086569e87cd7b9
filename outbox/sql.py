"""The hand-written SQL of the outbox."""

from chirp.db.prepared import Prepared

# The one place that takes rows for relaying: those that are due, oldest first, each relay its own.
# Clocks may step back, and then what was due waits for a time that is far ahead. So due is also
# what was never sent, whatever its time, and what lies further ahead than its lease is long. Each
# part walks an index, and only as far as the ones before it left room. An index needs a time that
# stands still (statement_timestamp); a lease that another relay has just given is told from one
# that is too long by the time that does not.
DUE = """
SELECT * FROM (
    SELECT * FROM outbox_event WHERE due_at <= statement_timestamp()
    ORDER BY due_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
) late
UNION ALL SELECT * FROM (
    SELECT * FROM outbox_event WHERE attempts = 0 AND due_at > statement_timestamp()
    ORDER BY due_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
) unsent
UNION ALL SELECT * FROM (
    SELECT * FROM outbox_event
    WHERE attempts > 0 AND due_at > statement_timestamp() + %(lease)s * interval '1 second'
        AND due_at > clock_timestamp()
            + %(lease)s * interval '1 second' * (1 << least(attempts - 1, %(doublings)s))
    ORDER BY due_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
) leased_too_long
LIMIT %(limit)s
"""
LEASE = """
UPDATE outbox_event SET attempts = attempts + 1,
    due_at = clock_timestamp() + make_interval(secs => %s * power(2, least(attempts, %s)))
WHERE id = ANY(%s)
"""
FAILED = """
UPDATE outbox_event SET last_error = %s, attempts = greatest(attempts, 1),
    due_at = clock_timestamp()
        + make_interval(secs => power(2, least(greatest(attempts, 1) - 1, %s)))
WHERE id = %s
"""
# Both walk an index from its lower end: due_at and id, which is the order of creation.
RELAY_LAG = "SELECT extract(epoch FROM clock_timestamp() - min(due_at)) FROM outbox_event"
UNFINISHED = """
SELECT extract(epoch FROM clock_timestamp() - created_at) FROM outbox_event
WHERE consumers && %s::varchar[] ORDER BY id LIMIT 1
"""

# A worker's own events, for which it waits: its message may overtake the commit of the relay that
# sent it, and when another worker holds them they are gone, or free, a moment later.
CLAIM = Prepared("""
SELECT id, topic, consumers, together, payload, request_id FROM outbox_event
WHERE id = ANY (%(ids)s::bigint[]) AND %(task)s::varchar = ANY (consumers)
ORDER BY id FOR UPDATE
""")
# More of their kind that no other worker holds and that have not failed.
CLAIM_MORE = Prepared("""
SELECT id, topic, consumers, together, payload, request_id FROM outbox_event
WHERE topic = %(topic)s::varchar AND together = %(together)s::varchar AND last_error = ''
    AND %(task)s::varchar = ANY (consumers) AND id <> ALL (%(ids)s::bigint[])
ORDER BY id LIMIT %(limit)s::bigint FOR UPDATE SKIP LOCKED
""")
# The last consumer removes the row, others only themselves.
STRIKE_OUT = Prepared("""
DELETE FROM outbox_event
WHERE id = ANY (%(ids)s::bigint[]) AND consumers <@ ARRAY[%(task)s::varchar] RETURNING id
""")
STRIKE_OUT_ONE_OF_SEVERAL = Prepared("""
UPDATE outbox_event SET consumers = array_remove(consumers, %(task)s::varchar)
WHERE id = ANY (%(ids)s::bigint[]) RETURNING id
""")
