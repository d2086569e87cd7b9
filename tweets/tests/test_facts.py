"""The query and the dataclass of facts agree, field by field."""

from dataclasses import fields

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from tests.helpers.tweets import post
from tweets.models import Tweet
from tweets.places import NewPlace
from tweets.polls.rules import NewPoll
from tweets.read.facts import (
    COLUMNS,
    FLAGS,
    LOADED,
    SHOWN,
    Facts,
    shown_conversation_id,
    shown_parent_id,
)
from tweets.read.hydrate import hydrate
from tweets.read.posted import facts_of_posted
from tweets.sql import facts as sql


@pytest.mark.django_db
def test_the_query_selects_each_fact_by_name_in_order() -> None:
    sql.FACTS.rows(ids=[], viewer=None, above=0, below=0, limit=0)
    cursor = connection.cursors[sql.FACTS]  # type: ignore[attr-defined]
    assert tuple(column.name for column in cursor.description) == (*COLUMNS, "flags")
    assert (*COLUMNS, *FLAGS) == LOADED


def test_every_field_is_loaded_or_set_later() -> None:
    later = {"original", "quoted", "parent", "first", "folded", "attached"}
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


@pytest.mark.django_db
def test_the_facts_of_a_posted_tweet_are_those_that_the_query_finds(alice: User, bob: User) -> None:
    earlier = post(alice, "Who comes?").pk
    place = NewPlace(lat=48.13743, lon=11.57549, name="Munich")
    for more in (
        {"text": "Hello."},
        {"text": "Hello.", "sensitive": True, "spoiler": "A greeting", "language": "en"},
        {"text": "Here.", "location": place, "replies_from": "followed", "quotes_from": "nobody"},
        {"text": "See https://example.com/a."},
        {"text": "Quietly.", "visibility": "followers"},
        {"text": "To myself.", "visibility": "direct"},
        {"text": "Really?", "poll": NewPoll(choices=("Yes", "No"), seconds=300)},
        {"text": "I do.", "reply_to_id": earlier},
        {"text": "See below.", "quote_of_id": earlier},
        {"text": "Hello @bob."},
    ):
        compare_posted(post(alice, **more))


@pytest.mark.django_db
def test_a_posted_tweet_has_the_state_of_its_author(alice: User) -> None:
    alice.private, alice.limited_at, alice.avatar = True, timezone.now(), "1"
    alice.save()
    compare_posted(post(alice))


def compare_posted(tweet: Tweet) -> None:
    """Compare what is known of a posted tweet with what the query finds, for its author."""
    (found,) = hydrate([tweet.pk], viewer_id=tweet.author_id)
    posted = facts_of_posted(tweet)
    assert [getattr(posted, n) for n in LOADED] == [getattr(found, n) for n in LOADED]
    assert [shown_conversation_id(posted), shown_parent_id(posted)] == [
        shown_conversation_id(found),
        shown_parent_id(found),
    ]


@pytest.mark.django_db
def test_a_tweet_begins_its_conversation_without_referring_to_itself(alice: User) -> None:
    (found,) = hydrate([post(alice).pk], viewer_id=None)
    assert found.root is found
    assert all(getattr(found, field.name) is not found for field in fields(Facts))
