"""A primary that is lost for good, and a replica that is promoted in its place.

    script/tool failover [--asynchronous | --planned] [--pooler beside | apart] [--logs DIRECTORY]

All processes of Chirp name the three servers in `DATABASE_URL`, and libpq finds the one that can be
written to; `pooled` has a PgBouncer in front of each server. The load, the trial and the table are
those of `tools.chaos`.
"""
