"""The id generator that chirp/ids.py describes."""

from django.db import migrations

# `chirp_id_window` holds the window of 32 ms in which ids are drawn by the clock. It is negative
# (closed) once the clock was seen before that window. Both it and the counter are sequences, because
# these are neither locked nor rolled back: drawing an id never waits for another transaction. The
# order in which statements of several connections run does not matter: only a clock within a window
# opens it, closing it twice is the same as once, and the counter gives each number only once.
CREATE = """
CREATE SEQUENCE chirp_id_seq AS integer MINVALUE 0 MAXVALUE 4095 CYCLE;
CREATE SEQUENCE chirp_id_window MINVALUE -9223372036854775807 START 1;
CREATE SEQUENCE chirp_id_behind;

CREATE FUNCTION chirp_id_ms() RETURNS bigint LANGUAGE sql VOLATILE AS $$
    SELECT floor(date_part('epoch', clock_timestamp()) * 1000)::bigint - 1767225600000
$$;

CREATE FUNCTION chirp_next_id_slowly() RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    -- The ids drawn so far are read before the clock: a clock behind them has stepped back.
    newest CONSTANT bigint := coalesce(pg_sequence_last_value('chirp_id_window'), 0);
    behind CONSTANT bigint := coalesce(pg_sequence_last_value('chirp_id_behind'), 0);
    ms CONSTANT bigint := chirp_id_ms();
BEGIN
    -- A closed window stays closed until the clock is past all ids that were drawn since.
    IF ms >> 5 >= newest AND (newest >= 0 OR ms >> 5 > 3 - newest + (behind >> 17)) THEN
        PERFORM setval('chirp_id_window', ms >> 5);
        RETURN ms << 12 | nextval('chirp_id_seq');
    END IF;
    IF newest > 0 THEN
        PERFORM setval('chirp_id_window', -newest);
    END IF;
    -- Two windows on: another draw may have read its clock just before the end of a window.
    RETURN (abs(newest) + 2 << 17) + nextval('chirp_id_behind');
END
$$;

-- Simple enough for PostgreSQL to inline it into the calling statement, which costs least.
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
