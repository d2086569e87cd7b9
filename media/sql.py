"""The hand-written SQL of media."""

from chirp.db.prepared import Prepared

# The files of tweets, in their order: the columns are those of media.selectors.Item.
OF_TWEETS = Prepared("""
SELECT tweet_id, id, key, kind, state, alt, focus_x, focus_y, blurhash, width, height, duration,
    files::text
FROM media_media WHERE tweet_id = ANY (%(ids)s::bigint[]) ORDER BY tweet_id, position
""")
# What a request for a file needs to know: the columns are those of media.selectors.Stored.
BY_KEY = Prepared("""
SELECT owner_id, purpose, tweet_id, (files -> %(name)s::text)::text
FROM media_media WHERE key = %(key)s::text AND state = 'ready'
""")
