"""The query and the dataclass of facts agree, field by field."""

from dataclasses import fields

import pytest
from django.db import connection

from accounts.models import User
from tests.helpers.tweets import post
from tweets import sql
from tweets.models import Tweet
from tweets.read.facts import LOADED, SHOWN, Facts
from tweets.read.hydrate import hydrate


@pytest.mark.django_db
def test_the_query_selects_each_fact_by_name_in_order() -> None:
    sql.FACTS.rows(ids=[], viewer=None, above=0, below=0, limit=0)
    cursor = connection.cursors[sql.FACTS]  # type: ignore[attr-defined]
    assert tuple(column.name for column in cursor.description) == LOADED


def test_every_field_is_loaded_or_set_later() -> None:
    later = {"original", "quoted", "parent", "root", "folded", "attached"}
    assert {f.name for f in fields(Facts)} == set(LOADED) | later
    assert set(SHOWN) <= set(LOADED)


def test_no_expression_is_for_a_fact_that_does_not_exist() -> None:
    assert set(sql.EXPRESSIONS) <= set(LOADED)


@pytest.mark.django_db
def test_a_plain_column_needs_no_expression(alice: User) -> None:
    plain = {f.attname for f in Tweet._meta.concrete_fields} & set(LOADED) - set(sql.EXPRESSIONS)
    assert set(LOADED) - set(sql.EXPRESSIONS) - {"on_page"} == plain
    tweet = post(alice, "Hello.", sensitive=True, spoiler="Greetings")
    (found,) = hydrate([tweet.pk], viewer_id=None)
    tweet.refresh_from_db()
    assert {n: getattr(found, n) for n in plain} == {n: getattr(tweet, n) for n in plain}
