"""That an account reposts a tweet once, also across partitions (tweets/partitions.py)."""

# While tweets are one table, the index repost_once refuses a second repost of a tweet by the same
# account. An index cannot do that across partitions, so triggers note reposts in this table. They
# are there before the table is divided. FOR SHARE: a repost that is undone while it is noted waits.
NOTE_REPOSTS = """
CREATE TABLE IF NOT EXISTS tweets_repostonce (
    author_id bigint, repost_of_id bigint,
    CONSTRAINT repost_once_of_all PRIMARY KEY (author_id, repost_of_id)
);
CREATE OR REPLACE FUNCTION tweets_note_repost() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.repost_of_id IS NOT NULL AND OLD.deleted_at IS NULL THEN
        DELETE FROM tweets_repostonce
        WHERE author_id = OLD.author_id AND repost_of_id = OLD.repost_of_id;
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.repost_of_id IS NOT NULL AND NEW.deleted_at IS NULL THEN
        INSERT INTO tweets_repostonce VALUES (NEW.author_id, NEW.repost_of_id);
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER note_new_repost AFTER INSERT ON tweets_tweet
    FOR EACH ROW WHEN (NEW.repost_of_id IS NOT NULL) EXECUTE FUNCTION tweets_note_repost();
CREATE OR REPLACE TRIGGER note_repost AFTER UPDATE OF author_id, repost_of_id, deleted_at
    ON tweets_tweet FOR EACH ROW
    WHEN (OLD.repost_of_id IS NOT NULL OR NEW.repost_of_id IS NOT NULL)
    EXECUTE FUNCTION tweets_note_repost();
CREATE OR REPLACE TRIGGER note_gone_repost AFTER DELETE ON tweets_tweet
    FOR EACH ROW WHEN (OLD.repost_of_id IS NOT NULL) EXECUTE FUNCTION tweets_note_repost();
"""
NOTE_OLDER_REPOSTS = """
WITH batch AS MATERIALIZED (
    SELECT id, author_id, repost_of_id FROM tweets_tweet
    WHERE id > %s AND repost_of_id IS NOT NULL AND deleted_at IS NULL
    ORDER BY id LIMIT %s FOR SHARE
), noted AS (
    INSERT INTO tweets_repostonce SELECT author_id, repost_of_id FROM batch ON CONFLICT DO NOTHING
)
SELECT max(id) FROM batch
"""
