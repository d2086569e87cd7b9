"""Audiences x endpoints x viewers: nobody reads or changes what is not for them.

`table` says who may see what, independently of the code under test. `stage` makes the accounts and
tweets through the API. `rows` makes requests of every operation of the OpenAPI document and of
every page, and fails for parameters that it does not know. `checks` sends them as each viewer.
"""
