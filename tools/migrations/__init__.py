"""A check of new migrations: none may stop a running site.

While a migration runs, and until the last process is the new version, the old version serves
requests, and the largest table may have many millions of rows. So a migration may hold no lock for
as long as it takes to read or write a table, must leave everything in place that the old version
uses, and must refuse nothing that it writes. `statements` reads the SQL of migrations, for which it
needs no server. `rules` has the forms of statements that are harmless, those that are free for
tables that the migration creates, and for others what to write instead. `checking` refuses what has
none of these forms. CONTRIBUTING.md says how to write migrations.

A migration for which a rule does not hold says why, as `safe_because` of its class.
"""
