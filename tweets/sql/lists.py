"""The queries of the lists of tweets and people, each in windows (tweets/sql/windows.py)."""

from tweets.sql.windows import AUDIENCE, Rows, around, by_author, people, scans

_REPLIES = around("reply_to_id")
# A reply reaches the account that it answers also if it is a quote of another tweet.
_ROWS, _FOLLOWEES, _OTHERS = around("quote_of_id")
_QUOTES = (
    _ROWS,
    _FOLLOWEES,
    f"""{_OTHERS}
    UNION ALL (SELECT 'answering', id, id, author_id,
            CASE WHEN visibility <> 'direct' THEN 'addressed' END
        FROM tweets_tweet
        WHERE quote_of_id = %(of)s::bigint AND reply_to_author_id = %(viewer)s::bigint AND live
            AND reach <> 'nobody' AND id {{beyond}} %(position)s::bigint
        ORDER BY id {{order}} LIMIT %(scan)s::bigint)""",  # noqa: S608 - as above
)
REPLIES, QUOTES = (
    scans(f"{rows.windows} UNION ALL {others}", before=before)
    for rows, before, others in (_REPLIES, _QUOTES)
)
REPLIES_BY_AUTHOR, QUOTES_BY_AUTHOR = (
    by_author(rows, before=before, others=others) for rows, before, others in (_REPLIES, _QUOTES)
)
_TAGGED = Rows("tweets_hashtag", "tag = %(of)s::text AND listed", key="tweet_id", id="tweet_id")
TAGGED, TAGGED_BY_AUTHOR = scans(_TAGGED.windows), by_author(_TAGGED)
_PUBLIC_ROWS = """visibility = 'public' AND live AND reply_to_author_id IS NULL
    AND repost_of_id IS NULL"""
PUBLIC = scans(Rows("tweets_tweet", _PUBLIC_ROWS).windows)

LIKERS = people("tweets_like", "tweet_id = %(of)s::bigint", "user_id")
REPOSTERS = people("tweets_tweet", "repost_of_id = %(of)s::bigint AND live", "author_id")

LIKED = scans(f"""
    SELECT 'liked' AS stream, l.id AS key, l.tweet_id AS id, t.author_id,
        {AUDIENCE.format(t="t")} AS audience
    FROM (SELECT id, tweet_id FROM tweets_like
        WHERE user_id = %(of)s::bigint AND id {{beyond}} %(position)s::bigint
        ORDER BY id {{order}} LIMIT %(scan)s::bigint
    ) l LEFT JOIN LATERAL (
        SELECT id, author_id, visibility, reply_to_author_id FROM tweets_tweet
        WHERE id = l.tweet_id AND live LIMIT 1
    ) t ON TRUE""")  # noqa: S608 - as above
# The two kinds of tweets on a profile; those with media have a tab of their own. The conditions
# are those of the indexes, word by word.
_TO_OTHERS = """reply_to_author_id IS NOT NULL
    AND NOT (reply_to_author_id = author_id AND reply_to_author_id IS NOT NULL)"""
_NOT_TO_OTHERS = "(reply_to_author_id IS NULL OR reply_to_author_id = author_id)"
# Who opens a profile wants to read it, so nothing but the originals of reposts is checked. Tweets
# for other audiences that mention the viewer are found from the viewer's side.
_WRITTEN = """
    SELECT v.visibility AS stream, t.id AS key, t.id, o.author_id,
        CASE WHEN t.repost_of_id IS NULL OR o.author_id = %(of)s::bigint THEN 'shown'
            ELSE {audience} END AS audience
    FROM unnest(%(visibilities)s::text[]) AS v (visibility) CROSS JOIN LATERAL (
        SELECT id, repost_of_id FROM tweets_tweet
        WHERE author_id = %(of)s::bigint AND visibility = v.visibility
            AND live AND {kind} AND id {{beyond}} %(position)s::bigint
        ORDER BY id {{order}} LIMIT %(scan)s::bigint
    ) t LEFT JOIN LATERAL (
        SELECT id, author_id, visibility, reply_to_author_id FROM tweets_tweet
        WHERE id = t.repost_of_id AND live LIMIT 1
    ) o ON TRUE
    UNION ALL
    SELECT 'mentioned', m.tweet_id, m.tweet_id, NULL, t.audience
    FROM (SELECT tweet_id FROM tweets_mention
        WHERE user_id = %(viewer)s::bigint AND author_id = %(of)s::bigint
            AND tweet_id {{beyond}} %(position)s::bigint
        ORDER BY tweet_id {{order}} LIMIT %(scan)s::bigint
    ) m LEFT JOIN LATERAL (
        SELECT 'shown' AS audience FROM tweets_tweet
        WHERE id = m.tweet_id AND live AND {kind} LIMIT 1
    ) t ON TRUE"""
_O = AUDIENCE.format(t="o")
_ANSWERING = """
    UNION ALL (SELECT 'answering', id, id, NULL, CASE WHEN visibility <> 'direct' THEN 'shown' END
        FROM tweets_tweet
        WHERE author_id = %(of)s::bigint AND reply_to_author_id = %(viewer)s::bigint AND live
            AND {kind} AND id {{beyond}} %(position)s::bigint
        ORDER BY id {{order}} LIMIT %(scan)s::bigint)"""
POSTS = scans(_WRITTEN.format(audience=_O, kind=_NOT_TO_OTHERS))
ANSWERS, WITH_MEDIA = (
    scans(_WRITTEN.format(audience=_O, kind=kind) + _ANSWERING.format(kind=kind))
    for kind in (_TO_OTHERS, "media_count > 0")
)
# Both kinds, in streams of their own.
EVERYTHING = scans(
    _WRITTEN.format(audience=_O, kind=_NOT_TO_OTHERS)
    + " UNION ALL "
    + _WRITTEN.format(audience=_O, kind=_TO_OTHERS)
    .replace("v.visibility AS stream", "'to ' || v.visibility AS stream")
    .replace("'mentioned', m.", "'to mentioned', m.")
    + _ANSWERING.format(kind=_TO_OTHERS)
)
# One stream for each cell. The condition is the same as in the index tweet_nearby, which cannot be
# used otherwise. The haversine of the angle between two points is compared: this formula is exact
# at the poles, and the antimeridian needs no special case.
NEAR = scans("""
    SELECT covered.cell::text AS stream, t.id AS key, t.id, t.author_id,
        CASE WHEN sin(radians(t.lat - %(lat)s::float8) / 2) ^ 2 + cos(radians(t.lat))
            * %(cos_lat)s::float8 * sin(radians(t.lon - %(lon)s::float8) / 2) ^ 2
            <= %(max_haversine)s::float8 THEN 'public' END AS audience
    FROM unnest(%(cells)s::int[]) AS covered (cell) CROSS JOIN LATERAL (
        SELECT id, author_id, lat, lon FROM tweets_tweet
        WHERE cell = covered.cell AND cell IS NOT NULL AND visibility = 'public' AND live
            AND id {beyond} %(position)s::bigint
        ORDER BY id {order} LIMIT %(scan)s::bigint
    ) t""")
