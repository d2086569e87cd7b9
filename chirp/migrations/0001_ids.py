"""The id generator that chirp/ids.py describes."""

from django.db import migrations

CREATE = """
CREATE SEQUENCE chirp_id_seq AS integer MINVALUE 0 MAXVALUE 4095 CYCLE;
CREATE FUNCTION chirp_next_id() RETURNS bigint LANGUAGE sql VOLATILE AS $$
    SELECT ((floor(extract(epoch FROM clock_timestamp()) * 1000))::bigint - 1767225600000) << 12
        | nextval('chirp_id_seq')
$$;
"""
DROP = "DROP FUNCTION chirp_next_id(); DROP SEQUENCE chirp_id_seq;"


class Migration(migrations.Migration):
    dependencies: list[tuple[str, str]] = []
    operations = [migrations.RunSQL(CREATE, DROP)]
