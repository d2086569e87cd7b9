"""Hand-written SQL of the outbox app."""

from chirp.db.prepared import Prepared

# Selects due events for relaying, oldest first. SKIP LOCKED gives each relay different rows.
# If the clock steps back, due_at of existing events can lie far in the future. Therefore an event
# is also due if it was never sent, and if its due_at is further ahead than its lease is long.
# Each subquery scans an index, and only for the rows that the previous ones left room for. An
# index scan needs a constant time (statement_timestamp). The last condition uses clock_timestamp,
# because another relay may have just set a lease that started after the statement did.
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
PUBLISH = Prepared("""
INSERT INTO outbox_event (
    topic, consumers, together, payload, request_id, traceparent, attempts, due_at
) VALUES (
    %(topic)s::varchar, %(consumers)s::varchar[], %(together)s::varchar, %(payload)s::jsonb,
    %(request_id)s::varchar, %(traceparent)s::varchar, %(attempts)s::int,
    statement_timestamp() + make_interval(secs => %(after)s::int)
) RETURNING id
""")
LEASE = """
UPDATE outbox_event SET attempts = attempts + 1,
    due_at = clock_timestamp() + make_interval(secs => %s * power(2, least(attempts, %s))),
    consumers = CASE WHEN id = ANY(%s) THEN array_remove(consumers, %s) ELSE consumers END
WHERE id = ANY(%s)
"""
# Events with an attempt are not due before due_at.
POSTPONE = """
UPDATE outbox_event SET attempts = greatest(attempts, 1),
    due_at = clock_timestamp() + least(
        make_interval(secs => %s),
        greatest(interval '1 second', clock_timestamp() - created_at)
    )
WHERE id = ANY(%s)
"""
RECORD_FAILURE = """
UPDATE outbox_event SET last_error = %s, attempts = greatest(attempts, 1),
    due_at = clock_timestamp()
        + make_interval(secs => power(2, least(greatest(attempts, 1) - 1, %s)))
WHERE id = %s
"""
# Both scan an index from its lower end: due_at, and id, which is the order of creation.
RELAY_LAG = "SELECT extract(epoch FROM clock_timestamp() - min(due_at)) FROM outbox_event"
OLDEST_UNFINISHED = """
SELECT extract(epoch FROM clock_timestamp() - created_at) FROM outbox_event
WHERE consumers && %s::varchar[] ORDER BY id LIMIT 1
"""

# The events of a worker's message.
PENDING = Prepared("""
SELECT id, topic, consumers, together, payload, request_id, traceparent FROM outbox_event
WHERE id = ANY (%(ids)s::bigint[]) AND %(task)s::varchar = ANY (consumers) ORDER BY id
""")
# The same, to consume them in one batch. It waits for their locks, because the message may arrive
# before the relay commits, and because another worker that holds them finishes or fails soon.
CLAIM = Prepared("""
SELECT id, topic, consumers, together, payload, request_id, traceparent FROM outbox_event
WHERE id = ANY (%(ids)s::bigint[]) AND %(task)s::varchar = ANY (consumers)
ORDER BY id FOR UPDATE
""")
# More events for the same batch, which no other worker has locked and which have not failed.
CLAIM_MORE = Prepared("""
SELECT id, topic, consumers, together, payload, request_id, traceparent FROM outbox_event
WHERE topic = %(topic)s::varchar AND together = %(together)s::varchar AND last_error = ''
    AND %(task)s::varchar = ANY (consumers) AND id <> ALL (%(ids)s::bigint[])
ORDER BY id LIMIT %(limit)s::bigint FOR UPDATE SKIP LOCKED
""")
# The last consumer deletes the row. The others only remove themselves.
DELETE_CONSUMED = Prepared("""
DELETE FROM outbox_event
WHERE id = ANY (%(ids)s::bigint[]) AND consumers <@ ARRAY[%(task)s::varchar] RETURNING id
""")
REMOVE_CONSUMER = Prepared("""
UPDATE outbox_event SET consumers = array_remove(consumers, %(task)s::varchar)
WHERE id = ANY (%(ids)s::bigint[]) RETURNING id
""")
