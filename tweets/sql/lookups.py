"""Queries for what belongs to given tweets or accounts, besides the facts of tweets."""

from chirp.db.prepared import Prepared

HANDLES = Prepared("""
SELECT id, handle FROM accounts_user
WHERE id = ANY (%(ids)s::bigint[]) AND deactivated_at IS NULL AND suspended_at IS NULL
""")

# The viewer's newest quote of each of these tweets. In the order of the index that has the author,
# or all quotes of a tweet may be read.
OWN_QUOTES = Prepared("""
SELECT max(own.id) FROM unnest(%(tweets)s::bigint[]) AS quoted (id)
CROSS JOIN unnest(ARRAY['public', 'unlisted', 'followers', 'direct']) AS one (reach)
CROSS JOIN LATERAL (
    SELECT t.id FROM tweets_tweet t
    WHERE t.quote_of_id = quoted.id AND t.reach = one.reach AND t.author_id = %(viewer)s::bigint
        AND t.live AND NOT t.quote_detached
    ORDER BY t.id DESC LIMIT 1) own
GROUP BY quoted.id
""")

# Polls with these ids, and what the viewer voted for.
POLLS = Prepared("""
SELECT p.tweet_id, p.choices, p.votes, p.voters, p.multiple, p.hide_results, p.ends_at,
    (SELECT v.choices FROM tweets_pollvote v
        WHERE v.poll_id = p.tweet_id AND v.user_id = %(viewer)s::bigint)
FROM tweets_poll p WHERE p.tweet_id = ANY (%(ids)s::bigint[])
""")

# The newest tweet that each of these public accounts wrote or reposted for everybody, replies left
# out. Each of the two subqueries reads one entry of an index.
LATEST_OF_AUTHORS = Prepared("""
SELECT a.id, greatest(
    (SELECT max(id) FROM tweets_tweet WHERE author_id = a.id AND visibility = 'public' AND live
        AND (reply_to_author_id IS NULL OR reply_to_author_id = author_id)),
    (SELECT max(id) FROM tweets_tweet WHERE author_id = a.id AND visibility = 'unlisted' AND live
        AND (reply_to_author_id IS NULL OR reply_to_author_id = author_id)))
FROM accounts_user a WHERE a.id = ANY (%(authors)s::bigint[]) AND NOT a.private
""")
