"""The generic query plans of a page are efficient for a viewer who follows and likes a lot.

The planner assumes an average account, which follows and likes little.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from chirp.db.prepared import Prepared
from timelines.candidates import TOP
from timelines.sql.candidates import BUILD, WEIGHED
from timelines.sql.readers import PULLED_FOLLOWEES, READER
from tweets.models import Tweet
from tweets.sql.facts import FACTS, FLAT_FACTS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("new_database")]
POPULATION = """
WITH people AS (
    INSERT INTO accounts_user (handle, email, password, name, bio, place, link, private, is_staff,
        is_superuser, token_version, followers_count, following_count, tweets_count, likes_count)
    SELECT 'p' || n, 'p' || n || '@example.org', '!', '', '', '', '', false, false, false,
        0, 0, 0, 0, 0 FROM generate_series(1, 4000) n RETURNING id
), tweets AS (
    INSERT INTO tweets_tweet (id, author_id, text, visibility, sensitive, spoiler, likes_count,
        reposts_count, quotes_count, replies_count)
    SELECT chirp_next_id(), id, '', 'public', false, '', 0, 0, 0, 0 FROM people RETURNING id
), likes AS (
    INSERT INTO tweets_like (user_id, tweet_id) SELECT %(reader)s, id FROM tweets
), muted AS (
    INSERT INTO people_mute (muter_id, muted_id) SELECT %(reader)s, id FROM people
), pulled AS (
    INSERT INTO timelines_pulledauthor (author_id, state, generation)
    SELECT id, 'pulled', 0 FROM people ORDER BY id LIMIT 20
), little AS (
    INSERT INTO people_follow (follower_id, followee_id, since_id, reposts)
    SELECT id, %(reader)s, chirp_next_id(), true FROM people
)
INSERT INTO people_follow (follower_id, followee_id, since_id, reposts)
SELECT %(reader)s, id, chirp_next_id(), true FROM people
"""
STRANGER = """
INSERT INTO tweets_tweet (id, author_id, text, visibility, sensitive, spoiler, likes_count,
    reposts_count, quotes_count, replies_count)
SELECT chirp_next_id(), %(stranger)s, '', 'public', false, '', 0, 0, 0, 0
FROM generate_series(1, 3000)
"""
POPULAR = """
INSERT INTO tweets_like (user_id, tweet_id) SELECT id, %(tweet)s FROM accounts_user
ON CONFLICT DO NOTHING
"""
PAGE = "SELECT id FROM tweets_tweet ORDER BY id DESC LIMIT 30"


@pytest.fixture
def reader(alice: User) -> User:
    """A user who follows, likes and mutes 4,000. Each of them follows only this user."""
    with connection.cursor() as cursor:
        cursor.execute(POPULATION, {"reader": alice.pk})
        cursor.execute("ANALYZE people_follow, people_mute, accounts_user, tweets_like")
        cursor.execute("ANALYZE tweets_tweet, timelines_pulledauthor")
    return alice


def nodes(query: Prepared, **parameters: object) -> Iterator[dict[str, Any]]:
    """Yield the nodes of the generic plan, with their actual row counts."""
    names = {name: f"${number}" for number, name in enumerate(query._names, start=1)}
    values = ", ".join(repr(parameters[name]) for name in names)
    with connection.cursor() as cursor:
        cursor.execute(f"PREPARE explained AS {query.text}".replace("%", "%%"), [])
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE explained ({values})")
        plan = cursor.fetchone()[0]
        cursor.execute("DEALLOCATE explained")
    yield from _below((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"])


def _below(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", []):
        yield from _below(child)


def most_rows(query: Prepared, **parameters: object) -> int:
    """Return the largest number of rows that one node returned or removed by a filter."""
    return max(
        int(node["Actual Loops"]) * int(node["Actual Rows"] + node.get("Rows Removed by Filter", 0))
        for node in nodes(query, **parameters)
    )


def authors_of(ids: list[int]) -> str:
    """Return the authors of tweets, as an array of PostgreSQL."""
    authors = Tweet.objects.filter(pk__in=ids).values_list("author", flat=True)
    return "{" + ",".join(map(str, authors)) + "}"


def test_a_page_does_not_scan_all_follows_and_likes_of_the_viewer(reader: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute(PAGE)
        ids = [row[0] for row in cursor.fetchall()]
    page = {"ids": "{" + ",".join(map(str, ids)) + "}", "viewer": reader.pk}
    assert most_rows(FACTS, **page, above=0, below=2**53, limit=30) < 500
    asked = {"page": page["ids"], "linking": page["ids"], "accounts": authors_of(ids)}
    # It knows the 30 authors, and the planner may compare each tweet with each of them.
    assert most_rows(FLAT_FACTS, **page, **asked, above=0, below=2**53, limit=30) <= len(ids) ** 2
    with connection.cursor() as cursor:
        cursor.execute(POPULAR, {"tweet": ids[0]})
        cursor.execute("ANALYZE tweets_like")
    ranked = {**page, "tagged": False, "backfill": True, "exclusive": "{}", "no_reposts": False}
    assert most_rows(WEIGHED, **ranked, above=0, below=2**53, limit=300) < 500


def test_the_pulled_followees_are_found_without_a_scan_of_all_follows(reader: User) -> None:
    assert most_rows(PULLED_FOLLOWEES, viewer=reader.pk) <= 20
    assert most_rows(READER, viewer=reader.pk) <= 20


def test_a_build_for_many_followees_reads_them_once(reader: User, bob: User) -> None:
    """It walks through 3,000 tweets of a stranger, and does not look each of them up."""
    with connection.cursor() as cursor:
        cursor.execute(STRANGER, {"stranger": bob.pk})
        cursor.execute("UPDATE accounts_user SET following_count = 4000 WHERE id = %s", [reader.pk])
    build: dict[str, Any] = {"viewer": reader.pk, "backfill": True, "position": TOP, "top": TOP}
    build |= {"limit": 50, "many": 1000, "scan": 0, "least": 2, "factor": 4}
    found = list(nodes(BUILD, **build))
    assert max(node["Actual Loops"] for node in found) < 10
    assert max(node["Actual Rows"] * node["Actual Loops"] for node in found) <= 4001
