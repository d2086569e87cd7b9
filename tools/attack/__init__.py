"""Attacks on a running site: programs that try what strangers try, and print `ok` or `FAIL`.

    script/attack http://127.0.0.1:8000

`catalogue` lists the attacks. Each is a function of a `Target`, and returns what was wrong as
sentences: none if the site held. They are written from outside, against HTTP only, and take nothing
from the code under attack but the list of its pages and how large bodies may be.

`audiences` is the largest: every endpoint of the OpenAPI document and every page, against private,
deleted, blocked and suspended subjects, as seen by strangers, followers, blocked accounts and so
on. It also runs as a test within the process: tests/system/test_audiences.py.
"""
