"""The id generator that chirp/ids.py describes."""

from django.db import migrations

# `chirp_id_window` holds the window of 32 ms in which ids are drawn by the clock, negative once the
# clock was seen before it. Both it and the counter are sequences because these are neither locked
# nor rolled back: nobody who draws an id waits for anybody's commit. That statements of several
# connections come in any order does not matter: a window is opened only by a clock that is in it,
# closing one twice is the same as once, and nobody else gets the same number from the counter.
CREATE = """
CREATE SEQUENCE chirp_id_seq AS integer MINVALUE 0 MAXVALUE 4095 CYCLE;
CREATE SEQUENCE chirp_id_window MINVALUE -9223372036854775807 START 1;
CREATE SEQUENCE chirp_id_behind;

CREATE FUNCTION chirp_id_ms() RETURNS bigint LANGUAGE sql VOLATILE AS $$
    SELECT floor(date_part('epoch', clock_timestamp()) * 1000)::bigint - 1767225600000
$$;

CREATE FUNCTION chirp_next_id_slowly() RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    -- What others drew is read before the clock, so a clock that is behind it has stepped.
    newest CONSTANT bigint := coalesce(pg_sequence_last_value('chirp_id_window'), 0);
    behind CONSTANT bigint := coalesce(pg_sequence_last_value('chirp_id_behind'), 0);
    ms CONSTANT bigint := chirp_id_ms();
BEGIN
    -- A window that was closed stays closed until the clock is past all that was drawn since.
    IF ms >> 5 >= newest AND (newest >= 0 OR ms >> 5 > 3 - newest + (behind >> 17)) THEN
        PERFORM setval('chirp_id_window', ms >> 5);
        RETURN ms << 12 | nextval('chirp_id_seq');
    END IF;
    IF newest > 0 THEN
        PERFORM setval('chirp_id_window', -newest);
    END IF;
    -- Two windows on: a draw may have looked at its clock just before the end of one.
    RETURN (abs(newest) + 2 << 17) + nextval('chirp_id_behind');
END
$$;

-- Simple enough to become a part of the statement that calls it, which costs least.
CREATE FUNCTION chirp_next_id() RETURNS bigint LANGUAGE sql VOLATILE AS $$
    SELECT CASE WHEN pg_sequence_last_value('chirp_id_window') = chirp_id_ms() >> 5
        THEN chirp_id_ms() << 12 | nextval('chirp_id_seq')
        ELSE chirp_next_id_slowly() END
$$;
"""
DROP = """
DROP FUNCTION chirp_next_id();
DROP FUNCTION chirp_next_id_slowly();
DROP FUNCTION chirp_id_ms();
DROP SEQUENCE chirp_id_seq;
DROP SEQUENCE chirp_id_window;
DROP SEQUENCE chirp_id_behind;
"""


class Migration(migrations.Migration):
    dependencies: list[tuple[str, str]] = []
    operations = [migrations.RunSQL(CREATE, DROP)]
