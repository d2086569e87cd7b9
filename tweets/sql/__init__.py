"""The hand-written SQL of tweets.

It reads tables of other apps where a join is needed (tests/system/test_sql.py lists them), and
writes to none of them.
"""
