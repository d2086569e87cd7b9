"""Hand-written SQL of the accounts app."""

from chirp.db.prepared import Prepared

_IS_PUBLIC = "NOT private AND deactivated_at IS NULL AND suspended_at IS NULL"
# Both lock an account, and return whether it is public.
LOCK_ACCOUNT = Prepared(f"""
SELECT {_IS_PUBLIC} FROM accounts_user WHERE id = %(id)s::bigint FOR NO KEY UPDATE
""")  # noqa: S608 - only the condition above is interpolated
LOCK_AND_COUNT_TWEET = Prepared(f"""
UPDATE accounts_user SET tweets_count = tweets_count + 1 WHERE id = %(id)s::bigint
RETURNING {_IS_PUBLIC}
""")  # noqa: S608 - as above

# A session of the site, and columns of the account that signed in with it: NULL without one.
SESSION_WITH = """
SELECT s.session_data, {columns} FROM django_session s
LEFT JOIN accounts_sitesession here ON here.session_key = s.session_key
LEFT JOIN accounts_user a ON a.id = here.user_id
WHERE s.session_key = %(key)s::varchar AND s.expire_date > now()
"""

# Waits for a concurrent transaction that inserts the same handle or e-mail address. Returns no row
# if they are taken, where an error would put the whole row into the log of Postgres.
INSERT_ACCOUNT = """
INSERT INTO accounts_user ({columns}) VALUES ({values})
ON CONFLICT DO NOTHING RETURNING id, created_at
"""
# Until the end of the transaction nobody else can take this e-mail address. Without that, of two
# accounts that change to it at once, one would get an error of the database.
LOCK_ADDRESS = """
SELECT pg_advisory_xact_lock('accounts_user'::regclass::int, hashtext(lower(%s)))
"""
IS_HANDLE_TAKEN = "SELECT EXISTS (SELECT FROM accounts_user WHERE lower(handle) = lower(%s))"
NO_STATEMENT_TIMEOUT = "SET LOCAL statement_timeout TO 0"
IS_RETIRED = "SELECT EXISTS (SELECT FROM accounts_retiredhandle WHERE hash = ANY (%s))"
ADD_COUNT = {
    name: Prepared(f"""
UPDATE accounts_user SET {name}_count = {name}_count + %(by)s::int
WHERE id = ANY (%(ids)s::bigint[]) RETURNING id
""")  # noqa: S608 - only the names of columns are interpolated
    for name in ("followers", "following", "likes", "tweets")
}
ADD_EDGE_COUNTS = """
UPDATE accounts_user u SET followers_count = u.followers_count + c.followers,
    following_count = u.following_count + c.following
FROM unnest(%s::bigint[], %s::int[], %s::int[]) AS c (id, followers, following)
WHERE u.id = c.id
"""
OVERWRITE_COUNT = """
UPDATE accounts_user u SET {column} = c.counted
FROM unnest(%s::bigint[], %s::int[]) AS c (id, counted) WHERE u.id = c.id
"""
# Parameter: the id of the account.
BEGIN_RECOUNT = """
INSERT INTO accounts_pendingrecount (user_id, version) VALUES (%s, 1)
ON CONFLICT (user_id) DO UPDATE SET version = accounts_pendingrecount.version + 1
"""
# The second of two concurrent requests waits here for the first. An expired key counts as new.
CLAIM = """
INSERT INTO accounts_idempotentrequest (user_id, key, fingerprint, response)
VALUES (%(user)s, %(key)s, %(fingerprint)s, '')
ON CONFLICT (user_id, key) DO UPDATE
    SET fingerprint = excluded.fingerprint, status = NULL, response = '', created_at = now()
    WHERE accounts_idempotentrequest.created_at < now() - %(kept)s
RETURNING id
"""
