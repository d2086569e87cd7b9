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
# The previews that can be shown of the tweets in an array, with their pictures: rows of a tweet and
# of an array for media/previews/read.py. It is a part of the query for the facts of tweets.
PREVIEWS_OF_TWEETS = """
SELECT l.tweet_id, ARRAY[p.url, p.title, p.description, p.host, p.image_alt,
    coalesce(m.key, ''), coalesce(m.files::text, ''), coalesce(m.blurhash, '')]::text[] AS preview
FROM media_tweetlink l
JOIN media_preview p ON p.id = l.preview_id
LEFT JOIN media_media m ON m.id = p.image_id AND m.state = 'ready'
WHERE l.tweet_id = ANY ({tweets}) AND p.title <> ''
"""
