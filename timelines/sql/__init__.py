"""The hand-written SQL of timelines.

It reads tables of other apps (tests/system/test_sql.py lists them), and writes to none of them.
"""
