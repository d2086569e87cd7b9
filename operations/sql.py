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
