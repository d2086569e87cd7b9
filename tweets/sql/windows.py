"""How a window of a list is read, whatever the list: see `Scans`."""

from dataclasses import dataclass

from chirp.db.prepared import Prepared


@dataclass(frozen=True, slots=True)
class Scans:
    """The query for a window of a list, in both directions from a position.

    It returns one row: whether the query gave up; the position to which the window reaches, None
    for the end of the list; and the keys and the ids of the candidates, in the order of reading.
    """

    below: Prepared
    above: Prepared


# `scanned` is the union of streams: rows (stream, key, id, author_id, audience). Each stream is a
# part of the list in order, cut after `scan` rows, and each has an index that gives it that order.
# So the work is bounded, and the window ends where the first of the cut streams ends. The authors
# of the window are then looked up at once: a row stays if the viewer wants to see its author, and
# belongs to its audience (see AUDIENCE). The rules in tweets/read/facts.py have the last word.
#
# Arrays, OFFSET 0 and LIMIT 1 keep the planner from turning lookups for a few rows into joins,
# which would read whole tables: see tweets/sql/facts.py. IN within CASE becomes a hash table, not a
# join either.
_WINDOW = """
WITH RECURSIVE {before}scanned AS MATERIALIZED ({streams}), reached AS MATERIALIZED (
    SELECT {nearest}(last) AS position FROM (
        SELECT {farthest}(key) AS last FROM scanned
        GROUP BY stream HAVING count(*) >= %(scan)s::bigint
    ) cut
), writer AS MATERIALIZED ({authors}), author AS MATERIALIZED (
    SELECT a.id, a.private, a.limited_at, a.id = %(viewer)s::bigint OR a.id = ANY (ARRAY(
        SELECT followee_id FROM people_follow
        WHERE follower_id = %(viewer)s::bigint AND since_id IS NOT NULL
            AND followee_id = ANY (ARRAY(SELECT author_id FROM writer)))) AS followed
    FROM accounts_user a
    WHERE a.id = ANY (ARRAY(SELECT author_id FROM writer))
        AND a.deactivated_at IS NULL AND a.suspended_at IS NULL
        AND a.id <> ALL (ARRAY(SELECT blocked_id FROM people_block
            WHERE blocker_id = %(viewer)s::bigint
                AND blocked_id = ANY (ARRAY(SELECT author_id FROM writer))))
        AND a.id <> ALL (ARRAY(SELECT blocker_id FROM people_block
            WHERE blocked_id = %(viewer)s::bigint
                AND blocker_id = ANY (ARRAY(SELECT author_id FROM writer))))
        {unwanted}
)
SELECT {gave_up}, (SELECT position FROM reached),
    array_agg(key ORDER BY key {order}), array_agg(id ORDER BY key {order})
FROM (
    SELECT DISTINCT key, id FROM scanned s
    WHERE (key {within} (SELECT position FROM reached)) IS NOT FALSE AND {welcome}
) candidate
"""
# Which viewers may see a row, if they want to see its author. NULL: none.
_WELCOME = """CASE {audience} WHEN 'shown' THEN TRUE
    WHEN 'addressed' THEN {author} IN (SELECT id FROM author)
    WHEN 'followers' THEN {author} IN (SELECT id FROM author WHERE followed)
    WHEN 'all' THEN {author} IN (SELECT id FROM author WHERE followed OR NOT private)
    WHEN 'public' THEN {author} IN (SELECT id FROM author
        WHERE NOT private AND (limited_at IS NULL OR followed)) END"""
AUDIENCE = """CASE WHEN {t}.author_id = %(viewer)s::bigint
    OR ({t}.visibility <> 'direct' AND {t}.reply_to_author_id = %(viewer)s::bigint)
    OR EXISTS (SELECT FROM tweets_mention
        WHERE tweet_id = {t}.id AND user_id = %(viewer)s::bigint OFFSET 0) THEN 'addressed'
    WHEN {t}.visibility IN ('public', 'unlisted') THEN 'all'
    WHEN {t}.visibility = 'followers' THEN 'followers' END"""
_NOT_MUTED = """AND a.id <> ALL (ARRAY(SELECT muted_id FROM people_mute
            WHERE muter_id = %(viewer)s::bigint
                AND muted_id = ANY (ARRAY(SELECT author_id FROM writer))))"""
_BELOW = {"beyond": "<", "order": "DESC", "farthest": "min", "nearest": "max", "within": ">="}
_ABOVE = {"beyond": ">", "order": "ASC", "farthest": "max", "nearest": "min", "within": "<="}


def scans(
    streams: str,
    *,
    before: str = "",
    authors: str = "SELECT DISTINCT author_id FROM scanned",
    unwanted: str = _NOT_MUTED,
    gave_up: str = "FALSE",
) -> Scans:
    """Return the query for windows of the union of `streams`, in both directions.

    `before` are subqueries that the streams use. `authors` finds those whose rows are in the
    window, `unwanted` leaves out some of them, and `gave_up` is the condition to give up.
    """
    welcome = _WELCOME.format(audience="s.audience", author="s.author_id")
    parts = {"authors": authors, "unwanted": unwanted, "gave_up": gave_up, "welcome": welcome}

    def query(way: dict[str, str]) -> Prepared:
        texts = {"before": before.format(**way), "streams": streams.format(**way)}
        return Prepared(_WINDOW.format(**texts, **parts, **way))

    return Scans(query(_BELOW), query(_ABOVE))


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of `table` that match, by `key`, in one stream for each visibility.

    `match` may compare with `v.visibility`, and must be what an index has in front of `key`.
    """

    table: str
    match: str
    key: str = "id"
    id: str = "id"
    author: str = "author_id"

    @property
    def windows(self) -> str:
        """The streams: one for each visibility."""
        return f"""
    SELECT v.visibility AS stream, r.key, r.id, r.author_id, %(audience)s::text AS audience
    FROM unnest(%(visibilities)s::text[]) AS v (visibility) CROSS JOIN LATERAL (
        SELECT {self.key} AS key, {self.id} AS id, {self.author} AS author_id
        FROM {self.table} t
        WHERE {self.match} AND {self.key} {{beyond}} %(position)s::bigint
        ORDER BY t.{self.key} {{order}} LIMIT %(scan)s::bigint
    ) r"""  # noqa: S608 - only constants of this module are interpolated

    @property
    def authors(self) -> str:
        """Find the authors by hopping through an index, and those whose rows may be shown."""
        welcome = _WELCOME.format(audience="%(audience)s::text", author="v.author_id")
        return f"""hop AS (
    SELECT visibility, 0::bigint AS author_id
    FROM unnest(%(visibilities)s::text[]) AS v (visibility)
    UNION ALL
    SELECT v.visibility, r.author_id FROM hop v CROSS JOIN LATERAL (
        SELECT author_id FROM {self.table} WHERE {self.match} AND author_id > v.author_id
        ORDER BY author_id LIMIT 1) r
), known AS MATERIALIZED (
    SELECT * FROM hop WHERE author_id > 0 LIMIT %(most_authors)s::bigint + 1
), wanted AS MATERIALIZED (
    SELECT * FROM known v
    WHERE (SELECT count(*) FROM known) <= %(most_authors)s::bigint AND {welcome}
), """  # noqa: S608 - as above

    @property
    def by_author(self) -> str:
        """The streams: one for each author whose rows may be shown."""
        return f"""
    SELECT v.visibility || v.author_id AS stream, r.key, r.id, v.author_id, %(audience)s::text
        AS audience
    FROM wanted v CROSS JOIN LATERAL (
        SELECT {self.key} AS key, {self.id} AS id FROM {self.table} t
        WHERE {self.match} AND author_id = v.author_id
            AND {self.key} {{beyond}} %(position)s::bigint
        ORDER BY t.{self.key} {{order}} LIMIT %(scan)s::bigint
    ) r"""  # noqa: S608 - as above


def by_author(rows: Rows, *, before: str = "", others: str = "") -> Scans:
    """Return the query that leaves out the authors whose rows the viewer may or would not see.

    However many rows they have, it does not read them. It gives up if there are too many authors.
    """
    found = f"others AS MATERIALIZED ({others}), " if others else ""
    also = " UNION SELECT author_id FROM others" if others else ""
    return scans(
        rows.by_author + (" UNION ALL TABLE others" if others else ""),
        before=before + rows.authors + found,
        authors=f"SELECT author_id FROM known{also}",  # noqa: S608 - as above
        gave_up="(SELECT count(*) FROM known) > %(most_authors)s::bigint",
    )


def _met(known: str, rows: str) -> str:
    """Return `hop_to`: the followees of the viewer who are among the authors of rows, by hopping.

    It goes through the followees and the authors at once. `rows` is a table with a condition, and
    has an index in the order of the column `known`.
    """
    return f"""hop_to AS (
    SELECT 0::bigint AS author_id, NULL::bigint AS followee_id
    UNION ALL
    SELECT CASE WHEN r.author_id = f.followee_id THEN r.author_id ELSE r.author_id - 1 END,
        CASE WHEN r.author_id = f.followee_id THEN r.author_id END
    FROM hop_to CROSS JOIN LATERAL (
        SELECT followee_id FROM people_follow
        WHERE follower_id = %(viewer)s::bigint AND since_id IS NOT NULL
            AND followee_id > hop_to.author_id
        ORDER BY followee_id LIMIT 1
    ) f CROSS JOIN LATERAL (
        SELECT {known} AS author_id FROM {rows}
            AND {known} >= f.followee_id ORDER BY {known} LIMIT 1
    ) r
), """  # noqa: S608 - as above


def around(column: str) -> tuple[Rows, str, str]:
    """Return the parts of the query for the tweets whose `column` refers to one tweet.

    Those that reach everybody are read by `Rows`. Others, of which there may be any number, are
    found from the viewer's side: the viewer's own, those of followees, those that mention the
    viewer, and those that answer them. Of accounts whose state is being noted, every one is read
    (tweets/author_states.py).
    """
    match = f"{column} = %(of)s::bigint AND live AND reach = "
    followees = _met("author_id", f"tweets_tweet WHERE {match} 'followers'")
    others = f"""
    SELECT c.reach || c.author_id AS stream, r.id AS key, r.id, c.author_id,
        CASE WHEN c.author_id = %(viewer)s::bigint THEN 'addressed' ELSE 'followers' END AS audience
    FROM (
        SELECT %(viewer)s::bigint AS author_id, unnest(ARRAY['followers', 'direct']) AS reach
        UNION ALL SELECT followee_id, 'followers' FROM hop_to WHERE followee_id IS NOT NULL
    ) c CROSS JOIN LATERAL (
        SELECT id FROM tweets_tweet WHERE {match} c.reach AND author_id = c.author_id
            AND id {{beyond}} %(position)s::bigint ORDER BY id {{order}} LIMIT %(scan)s::bigint
    ) r
    UNION ALL
    SELECT 'noted' || c.reach || c.author_id, t.id, t.id, c.author_id, {AUDIENCE.format(t="t")}
    FROM (
        SELECT user_id AS author_id, unnest(ARRAY['followers', 'nobody']) AS reach
        FROM accounts_pendingrecount
    ) c CROSS JOIN LATERAL (
        SELECT id, author_id, visibility, reply_to_author_id FROM tweets_tweet
        WHERE {match} c.reach AND author_id = c.author_id
            AND id {{beyond}} %(position)s::bigint ORDER BY id {{order}} LIMIT %(scan)s::bigint
    ) t
    UNION ALL (SELECT 'mentioned', tweet_id, tweet_id, author_id, 'addressed' FROM tweets_mention
        WHERE user_id = %(viewer)s::bigint AND {column} = %(of)s::bigint AND NOT author_gone
            AND tweet_id {{beyond}} %(position)s::bigint
        ORDER BY tweet_id {{order}} LIMIT %(scan)s::bigint)"""  # noqa: S608 - as above
    return Rows("tweets_tweet", f"{match} v.visibility"), followees, others


def people(table: str, match: str, person: str) -> Scans:
    """Return the query for the people who did something to a tweet.

    Of private accounts, only those that the viewer follows are read: see `around`.
    """
    rows = Rows(table, f"{match} AND author_state = 'open'", id=person, author=person)
    private = f"{table} WHERE {match} AND author_state = 'private'"
    others = f"""
    SELECT 'of' || c.id AS stream, r.id AS key, c.id, c.id, 'all'
    FROM (
        SELECT %(viewer)s::bigint AS id
        UNION SELECT followee_id FROM hop_to WHERE followee_id IS NOT NULL
        UNION SELECT user_id FROM accounts_pendingrecount
    ) c CROSS JOIN LATERAL (
        SELECT id FROM {table}
        WHERE {match} AND author_state IN ('private', 'gone') AND {person} = c.id
            AND id {{beyond}} %(position)s::bigint LIMIT 1
    ) r"""  # noqa: S608 - as above
    streams = f"{rows.windows} UNION ALL {others}"
    return scans(streams, before=_met(person, private), unwanted="")
