"""Hand-written SQL of the operations app: the statistics that PostgreSQL collects."""

# The view must exist, and the server must have loaded the extension, which defines the setting.
COLLECTS_STATISTICS = """
SELECT to_regclass('pg_stat_statements') IS NOT NULL
   AND current_setting('pg_stat_statements.max', true) IS NOT NULL
"""
# Times are in milliseconds. The texts have $1 in place of each value.
SLOWEST_STATEMENTS = """
SELECT query, calls, rows, total_exec_time, mean_exec_time, max_exec_time
  FROM pg_stat_statements
 WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND userid = (SELECT oid FROM pg_roles WHERE rolname = current_user)
 ORDER BY {order} DESC
 LIMIT %s
"""
COLLECTED_SINCE = "SELECT stats_reset FROM pg_stat_statements_info"
# A statement for each table, sequence and function in the schema, but for those of extensions.
DROP_EVERYTHING = """
SELECT format('DROP %%s IF EXISTS %%s CASCADE', kind, name)
  FROM (
    SELECT 0 AS place, oid, 'pg_class'::regclass AS class, oid::regclass::text AS name,
           CASE relkind WHEN 'S' THEN 'SEQUENCE' WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END AS kind
      FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'S')
     UNION ALL
    SELECT 1, oid, 'pg_proc'::regclass, oid::regprocedure::text, 'ROUTINE'
      FROM pg_proc
     WHERE pronamespace = 'public'::regnamespace
  ) AS found
 WHERE NOT EXISTS (
   SELECT 1 FROM pg_depend
    WHERE classid = found.class AND objid = found.oid AND deptype = 'e'
 )
 ORDER BY place, kind DESC
"""
