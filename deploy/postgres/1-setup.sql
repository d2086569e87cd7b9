-- Sets up the database `chirp`: a role `chirp` that owns it and is no superuser, and the statistics
-- of statements where the server collects them. What is there already stays as it is.
-- A superuser other than `chirp` runs it in that database: the embedded server at each start, the
-- container at its first one. It has no commands of psql.
DO $setup$
DECLARE
    object record;
BEGIN
    -- `chirp` was once the superuser that initdb made, which keeps that attribute for ever. It gets
    -- another name, and what it owned goes to the new role below.
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'chirp' AND rolsuper) THEN
        ALTER ROLE chirp RENAME TO postgres;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'chirp') THEN
        CREATE ROLE chirp LOGIN;
    END IF;
    IF (SELECT datdba FROM pg_database WHERE datname = 'chirp') <> 'chirp'::regrole THEN
        ALTER DATABASE chirp OWNER TO chirp;
    END IF;
    -- The indexes of a table, and the sequences of its columns, follow the table.
    FOR object IN
        SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' WHEN 'v' THEN 'VIEW'
                   WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'TABLE' END AS kind,
               c.oid::regclass::text AS name
          FROM pg_class c
         WHERE c.relnamespace = 'public'::regnamespace
           AND c.relkind IN ('r', 'p', 'S', 'v', 'm')
           AND c.relowner <> 'chirp'::regrole
           AND NOT EXISTS (SELECT FROM pg_depend d
                            WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                              AND d.deptype IN ('a', 'i', 'e'))
        UNION ALL
        SELECT 'ROUTINE', p.oid::regprocedure::text
          FROM pg_proc p
         WHERE p.pronamespace = 'public'::regnamespace
           AND p.proowner <> 'chirp'::regrole
           AND NOT EXISTS (SELECT FROM pg_depend d
                            WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid
                              AND d.deptype = 'e')
    LOOP
        EXECUTE format('ALTER %s %s OWNER TO chirp', object.kind, object.name);
    END LOOP;
    IF current_setting('shared_preload_libraries') LIKE '%pg_stat_statements%' THEN
        SET LOCAL ROLE postgres;  -- the owner, whoever runs this
        CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
    END IF;
END
$setup$;
