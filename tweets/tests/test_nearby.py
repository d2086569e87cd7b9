"""Tweets near a point: the list has all of them on its pages, and no others."""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from accounts import services
from accounts.models import User
from chirp import ids as chirp_ids
from chirp.pagination import PageRequest
from people import services as people
from people.profile import update_profile
from tests.helpers.api_client import Api
from tests.helpers.geography import distance_km
from tests.helpers.plans import queries_of, reads
from tests.helpers.tweets import backwards, post, row, walk, walk_up
from tweets import marks, moderation
from tweets.deleting import delete_tweet
from tweets.editing import edit_tweet
from tweets.models import Tweet
from tweets.places import Circle, NewPlace, Place
from tweets.read import lists
from tweets.read.nearby import DIGITS
from tweets.sql import lists as sql
from tweets.tests.test_places import LATITUDES, LONGITUDES, RADII, away

pytestmark = pytest.mark.usefixtures("new_database")
BERLIN = NewPlace(52.52, 13.41, name="Berlin")
AROUND_BERLIN = Circle(52.52, 13.405, 10)


def create_tweets_at(author: User, *points: tuple[float, float]) -> list[Tweet]:
    """Create tweets at these points, rounded to a tenth of a millimetre."""
    locations = [Place(round(lat, DIGITS), round(lon, DIGITS)) for lat, lon in points]
    drawn = chirp_ids.draw(len(locations))
    rows = [
        Tweet(id=id_, author=author, text="x", lat=place.lat, lon=place.lon, cell=place.cell)
        for id_, place in zip(drawn, locations, strict=True)
    ]
    return Tweet.objects.bulk_create(rows)


def read(circle: Circle = AROUND_BERLIN, viewer: User | None = None) -> list[int]:
    """Return the whole list, read downwards. Reading upwards must give the same."""
    found = walk(lists.nearby, viewer=viewer, circle=circle)
    assert walk_up(lists.nearby, viewer=viewer, circle=circle) == found
    return found


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(LATITUDES, LONGITUDES, RADII, st.data())
@example(90.0, 0.0, 100.0, None)
@example(-89.5, 77.0, 100.0, None)
@example(0.0, 180.0, 50.0, None)
@example(66.0, -179.9, 0.0, None)
@example(5e-324, -1e-310, 100.0, None)
def test_the_list_has_exactly_the_tweets_within_the_radius(
    alice: User, lat: float, lon: float, radius: float, data: st.DataObject | None
) -> None:
    """Compare with the distance of each tweet: in the circle, and on both sides of its edge."""
    directions = [number * math.pi / 4 for number in range(8)]
    if data is None:
        shares = (0, 0.5, 0.999, 1.001, 1.5)
        offsets = [(radius * share, direction) for share in shares for direction in directions]
    else:
        pairs = st.tuples(st.floats(0, 1.3 * radius + 0.01), st.floats(0, 2 * math.pi))
        offsets = data.draw(st.lists(pairs, max_size=20))
    points = [(lat, lon), *(away(lat, lon, *offset) for offset in offsets)]
    Tweet.objects.all().delete()
    tweets = create_tweets_at(alice, *points)

    found = read(Circle(lat, lon, radius))

    distances = {t.pk: distance_km(lat, lon, t.lat or 0.0, t.lon or 0.0) for t in tweets}
    assert found == sorted(set(found), reverse=True)
    assert set(found) >= {pk for pk, km in distances.items() if km < radius - 2e-6}
    assert set(found) <= {pk for pk, km in distances.items() if km < radius + 2e-6}
    assert tweets[0].pk in found


def test_equal_points_with_different_coordinates_have_the_same_tweets(alice: User) -> None:
    tweets = create_tweets_at(alice, (0.0, 180.0), (0.0, -180.0))
    for lon in (180, -180):
        assert read(Circle(0, lon, 0)) == backwards(*tweets)
    poles = create_tweets_at(alice, (90.0, 0.0), (90.0, -123.0))
    assert read(Circle(90, 45, 0)) == backwards(*poles)


def test_the_generic_plan_uses_the_index(alice: User) -> None:
    """No table is scanned with 100,000 places in 1,000 cells: one plan serves all circles."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO tweets_tweet (id, author_id, text, visibility, sensitive, spoiler,
                likes_count, reposts_count, quotes_count, replies_count, lat, lon, cell)
            SELECT n, %s, 'x', 'public', FALSE, '', 0, 0, 0, 0, 10, 10, n %% 1000
            FROM generate_series(1, 100000) n
            """,
            [alice.pk],
        )
        cursor.execute("ANALYZE tweets_tweet")
    circle: dict[str, Any] = {
        "cells": [1, 2],
        "lat": 10,
        "cos_lat": 1,
        "lon": 10,
        "max_haversine": 0.1,
        "viewer": alice.pk,
    }
    for query in (sql.NEAR.below, sql.NEAR.above):
        (made,) = queries_of(partial(query.rows, position=50, scan=20, **circle))
        scans = [name for name, _ in reads(made)]
        assert scans[0] == "Index Only Scan tweet_nearby"
        # Other tables are tiny here: whether they are scanned depends on what ran before.
        assert "Seq Scan tweets_tweet" not in scans


class TestContents:
    """The tweets in the list, by visibility, author and viewer."""

    def test_it_has_public_tweets_replies_and_quotes(self, alice: User, bob: User) -> None:
        first = post(alice, location=BERLIN)
        reply = post(bob, reply_to_id=first.pk, location=BERLIN)
        quote = post(bob, quote_of_id=first.pk, location=BERLIN)
        marks.repost(user=bob, tweet_id=first.pk)
        post(alice, location=NewPlace(48.86, 2.35))
        post(alice)
        assert read() == backwards(first, reply, quote)

    def test_it_has_only_public_tweets(self, alice: User, bob: User) -> None:
        people.follow(follower=bob, followee=alice)
        for visibility in ("unlisted", "followers", "direct"):
            post(alice, "@bob", visibility=visibility, location=BERLIN)
        for viewer in (None, alice, bob):
            assert read(viewer=viewer) == []

    def test_it_has_no_tweets_of_private_accounts(self, alice: User, bob: User) -> None:
        people.follow(follower=bob, followee=alice)
        tweet = post(alice, location=BERLIN)
        update_profile(user=alice, changes={"private": True})
        for viewer in (None, alice, bob):
            assert read(viewer=viewer) == []
        update_profile(user=alice, changes={"private": False})
        assert read() == [tweet.pk]

    @pytest.mark.parametrize("how", ["delete", "hide", "suspend", "deactivate"])
    def test_it_has_only_visible_tweets_of_active_authors(
        self, alice: User, bob: User, how: str
    ) -> None:
        tweet = post(alice, location=BERLIN)
        {
            "delete": lambda: delete_tweet(author=alice, tweet_id=tweet.pk),
            "hide": lambda: moderation.hide_tweet(tweet_id=tweet.pk, by=bob),
            "suspend": lambda: services.suspend(user=alice, by=bob, now=timezone.now()),
            "deactivate": lambda: services.deactivate(
                user=alice, password="correct horse battery staple", now=timezone.now()
            ),
        }[how]()
        for viewer in (None, bob):
            assert read(viewer=viewer) == []

    def test_it_has_no_blocked_or_muted_authors(
        self, alice: User, bob: User, charlie: User
    ) -> None:
        tweets = [post(author, location=BERLIN) for author in (alice, bob, charlie)]
        people.block(blocker=alice, blocked=bob)
        people.mute(muter=alice, muted=charlie)
        assert read(viewer=alice) == backwards(tweets[0])
        assert read(viewer=bob) == backwards(tweets[1], tweets[2])
        assert read(viewer=charlie) == backwards(*tweets)

    def test_pages_refill_until_they_are_full(self, alice: User, bob: User) -> None:
        visible = [post(alice, location=BERLIN) for _ in range(4)]
        create_tweets_at(bob, *[(52.52, 13.41)] * 50)
        people.mute(muter=alice, muted=bob)
        assert read(viewer=alice) == backwards(*visible)

    def test_a_page_takes_two_queries(
        self, alice: User, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        create_tweets_at(alice, *[(52.52, 13.41)] * 30)
        with django_assert_num_queries(2):
            lists.nearby(viewer=None, circle=Circle(52.5, 13.4, 100), page=PageRequest())


class TestStoredPlace:
    """How precisely the place of a tweet is stored, and how it is removed."""

    def test_it_is_rounded_before_it_is_stored(self, alice: User) -> None:
        tweet = row(post(alice, location=NewPlace(52.5200066, 13.4049541, "Berlin")))
        assert (tweet.lat, tweet.lon, tweet.place) == (52.52, 13.4, "Berlin")
        assert tweet.cell == Place(52.52, 13.4).cell

    def test_it_is_exact_only_on_request(self, alice: User) -> None:
        tweet = row(post(alice, location=NewPlace(52.5200066, 13.4049541, exact=True)))
        assert (tweet.lat, tweet.lon, tweet.place) == (52.520007, 13.404954, "")

    def test_an_edit_keeps_it(self, alice: User) -> None:
        tweet = post(alice, location=BERLIN)
        edit_tweet(author=alice, tweet_id=tweet.pk, text="other words")
        assert read() == [tweet.pk]
        assert row(tweet).place == "Berlin"

    def test_the_author_can_remove_it_without_a_trace(self, alice: User) -> None:
        tweet = post(alice, location=BERLIN)
        for _ in range(2):
            edit_tweet(author=alice, tweet_id=tweet.pk, remove_place=True)
        assert read() == []
        current = row(tweet)
        assert (current.lat, current.lon, current.cell, current.place) == (None, None, None, "")
        assert current.edited_at is None
        assert not current.versions.exists()

    @pytest.mark.parametrize(
        "part", [{"lon": None}, {"lat": None}, {"cell": None}, {"lat": 91}, {"lon": math.nan}]
    )
    def test_the_database_refuses_an_incomplete_place(
        self, alice: User, part: dict[str, float | None]
    ) -> None:
        tweet = post(alice, location=BERLIN)
        with pytest.raises(IntegrityError, match="place_is_whole"), transaction.atomic():
            Tweet.objects.filter(pk=tweet.pk).update(**part)


class TestApi:
    """/api/timelines/nearby, and the field `location` of a tweet."""

    def test_a_tweet_has_a_location(self, alice: User) -> None:
        body = {
            "text": "hello",
            "location": {"lat": 52.5200066, "lon": 13.4049541, "name": "Mitte"},
        }
        response = Api(alice).post("/api/tweets", body)
        assert response.status_code == 201
        assert response.json()["location"] == {"lat": 52.52, "lon": 13.4, "name": "Mitte"}
        body["location"] = {"lat": 52.5200066, "lon": 13, "exact": True}
        response = Api(alice).post("/api/tweets", body)
        assert response.json()["location"] == {"lat": 52.520007, "lon": 13.0, "name": ""}
        response = Api(alice).post("/api/tweets", {"text": "hello", "location": None})
        assert response.json()["location"] is None

    def test_a_repost_has_the_location_of_the_original(self, alice: User, bob: User) -> None:
        tweet = post(alice, location=BERLIN)
        repost = marks.repost(user=bob, tweet_id=tweet.pk)
        body = Api().get(f"/api/tweets/{repost.pk}").json()
        assert body["location"] == body["repost_of"]["location"]
        assert body["location"] == {"lat": 52.52, "lon": 13.4, "name": "Berlin"}

    def test_null_removes_it(self, alice: User) -> None:
        tweet = post(alice, location=BERLIN)
        api, path = Api(alice), f"/api/tweets/{tweet.pk}"
        assert api.patch(path, {"text": "other"}).json()["location"]["name"] == "Berlin"
        response = api.patch(path, {"location": None})
        assert (response.status_code, response.json()["location"]) == (200, None)
        assert response.json()["text"] == "other"

    @pytest.mark.parametrize("signed_in", [False, True])
    def test_it_pages_to_the_end(self, alice: User, bob: User, signed_in: bool) -> None:
        tweets = [post(alice, location=BERLIN) for _ in range(5)]
        api = Api(bob) if signed_in else Api()
        seen: list[str] = []
        url: str | None = "/api/timelines/nearby?lat=52.52&lon=13.405&radius_km=2.5&limit=2"
        while url:
            response = api.get(url)
            assert response.status_code == 200
            assert set(response.json()) == {"results", "next", "previous"}
            assert all((t["viewer"] is not None) == signed_in for t in response.json()["results"])
            seen += [tweet["id"] for tweet in response.json()["results"]]
            url = response.json()["next"]
            assert url is None or "lat=52.52&lon=13.405&radius_km=2.5" in url
        assert seen == [str(pk) for pk in backwards(*tweets)]

    def test_without_a_radius_it_is_ten_kilometres(self, alice: User) -> None:
        points = away(52.52, 13.4, 9.9, 1.0), away(52.52, 13.4, 10.1, 1.0)
        near, _ = create_tweets_at(alice, *points)
        page = Api().get("/api/timelines/nearby?lat=52.52&lon=13.4").json()
        assert [tweet["id"] for tweet in page["results"]] == [str(near.pk)]

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("", "lat"),
            ("lat=1", "lon"),
            ("lon=1", "lat"),
            ("lat=90.1&lon=0", "lat"),
            ("lat=nan&lon=0", "lat"),
            ("lat=0&lon=181", "lon"),
            ("lat=0&lon=x", "lon"),
            ("lat=0&lon=0&radius_km=100.1", "radius_km"),
            ("lat=0&lon=0&radius_km=-1", "radius_km"),
            ("lat=0&lon=0&radius_km=", "radius_km"),
            ("lat=0&lon=0&limit=101", "limit"),
            ("lat=0&lon=0&cursor=x", "cursor"),
        ],
    )
    def test_an_error_names_the_field(self, db: None, query: str, field: str) -> None:
        response = Api().get(f"/api/timelines/nearby?{query}")
        assert response.status_code == 400
        assert list(response.json()["fields"]) == [field]


def test_nearby_is_a_reserved_handle(person: Callable[..., User]) -> None:
    from accounts.validation import ReservedHandle

    with pytest.raises(ReservedHandle):
        person("Nearby")
