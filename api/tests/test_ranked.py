"""`GET /api/timelines/home?view=ranked`, as an API client sees it."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from chirp.pagination import Cursor
from chirp.redis.client import client
from people import services as people
from tests.helpers.api_client import Api
from tests.helpers.faults import embedded_servers, frozen
from tweets import marks
from tweets.deleting import delete_tweet
from tweets.models import Tweet
from tweets.posting import post_tweet

pytestmark = pytest.mark.django_db
Drain = Callable[..., int]
RANKED = "/api/timelines/home?view=ranked"


def ids(page: Any) -> list[int]:
    return [int(tweet["id"]) for tweet in page["results"]]


def follow(link: str, api: Api) -> Any:
    parts = urlsplit(link)
    return api.get(f"{parts.path}?{parts.query}").json()


@pytest.fixture
def tweets(alice: User, bob: User, charlie: User, drain: Drain) -> list[Tweet]:
    """Seven tweets by alice, whom bob follows, oldest first; charlie likes the third."""
    people.follow(follower=bob, followee=alice)
    posted = [post_tweet(author=alice, text=f"number {n}") for n in range(7)]
    marks.like(user=charlie, tweet_id=posted[2].pk)
    drain()
    return posted


def test_it_orders_home_and_says_why(
    tweets: list[Tweet], alice: User, bob: User, charlie: User, drain: Drain
) -> None:
    people.follow(follower=bob, followee=charlie)
    marks.like(user=bob, tweet_id=tweets[0].pk)
    post_tweet(author=charlie, text="the newest")
    own = post_tweet(author=bob, text="mine")
    drain()
    page = Api(bob).get(RANKED).json()
    assert page["results"][0]["id"] in {str(tweets[0].pk), str(tweets[2].pk)}
    by_id = {int(tweet["id"]): tweet["why"] for tweet in page["results"]}
    assert set(by_id) == {t.pk for t in Tweet.objects.all()}
    assert by_id[tweets[2].pk] == [
        "1 like, repost or answer",
        "You liked or answered @alice",
        "It is new",
    ]
    assert by_id[tweets[0].pk] == ["You liked or answered @alice", "It is new"]
    assert by_id[own.pk] == ["It is new"]
    assert "why" not in Api(bob).get("/api/timelines/home").json()["results"][0]


def test_pages_neither_repeat_nor_lose_while_tweets_and_likes_come_in(
    tweets: list[Tweet], alice: User, bob: User, charlie: User, drain: Drain
) -> None:
    api = Api(bob)
    whole = ids(api.get(RANKED).json())
    page = first = api.get(f"{RANKED}&limit=2").json()
    read = ids(page)
    while page["next"]:
        post_tweet(author=alice, text="new")
        for tweet_id in whole[-2:]:
            marks.like(user=charlie, tweet_id=tweet_id)
        drain()
        above, page = page, follow(page["next"], api)
        assert ids(follow(page["previous"], api)) == ids(above)
        read += ids(page)
    assert read == whole
    assert first["previous"] is None


def test_the_rules_hold_on_further_pages_too(tweets: list[Tweet], alice: User, bob: User) -> None:
    api = Api(bob)
    whole = ids(api.get(RANKED).json())
    first = api.get(f"{RANKED}&limit=2").json()
    delete_tweet(author=alice, tweet_id=whole[3])
    assert ids(follow(first["next"], api)) == [whole[2], whole[4]]
    people.mute(muter=bob, muted=alice)
    assert follow(first["next"], api)["results"] == []


def test_an_entry_stands_for_all_reposts_that_the_viewer_may_see(
    tweets: list[Tweet], alice: User, bob: User, charlie: User, warden: User, drain: Drain
) -> None:
    theirs = post_tweet(author=warden, text="theirs")
    shared = []
    for user in (alice, charlie, bob):
        if user != bob:
            people.follow(follower=bob, followee=user)
        shared.append(marks.repost(user=user, tweet_id=theirs.pk).pk)
    drain()
    api = Api(bob)

    def entry() -> Any:
        page = api.get(RANKED).json()["results"]
        (found,) = [each for each in page if each["repost_of"]]
        return found

    def handles(found: Any) -> list[str]:
        return [each["handle"] for each in found["reposted_by"]["accounts"]]

    assert (int(entry()["id"]), handles(entry())) == (shared[2], ["bob", "charlie", "alice"])
    first = api.get(f"{RANKED}&limit=1").json()
    marks.undo_repost(user=bob, tweet_id=theirs.pk)
    people.mute(muter=bob, muted=charlie)
    above = follow(follow(first["next"], api)["previous"], api)  # in the order that was kept
    assert [ids(first), ids(above)] == [[shared[2]], [shared[0]]]
    assert handles(entry()) == ["alice"]


def test_it_is_explained_by_the_same_formula(
    tweets: list[Tweet], alice: User, bob: User, charlie: User, drain: Drain
) -> None:
    api = Api(bob)
    why = {n: api.get(f"/api/timelines/home/{tweets[n].pk}/why").json() for n in (2, 3)}
    scores = [why[n]["rank"]["score"] for n in (2, 3)]
    assert scores[0] > scores[1]
    assert [each["code"] for each in why[2]["rank"]["factors"]] == [
        "engagement",
        "affinity",
        "freshness",
    ]
    assert why[2]["rank"]["factors"][0] == {
        "code": "engagement",
        "factor": 1.693,
        "text": "1 like, repost or answer",
    }
    people.follow(follower=bob, followee=charlie)
    again = marks.repost(user=charlie, tweet_id=tweets[2].pk)
    drain()
    folded = api.get(f"/api/timelines/home/{tweets[2].pk}/why").json()
    assert (folded["shown"], folded["rank"]) == (True, None)
    assert api.get(f"/api/timelines/home/{again.pk}/why").json()["rank"]
    people.mute(muter=bob, muted=alice)
    assert api.get(f"/api/timelines/home/{tweets[3].pk}/why").json()["rank"] is None


def test_a_last_page_does_not_lead_to_an_empty_one(
    tweets: list[Tweet], alice: User, bob: User
) -> None:
    api = Api(bob)
    words = [{"text": "number"}]
    body = {"title": "n", "contexts": ["home"], "action": "hide", "phrases": words}
    assert api.post("/api/filters", body).status_code == 201
    own = post_tweet(author=bob, text="mine")
    page = api.get(f"{RANKED}&limit=1").json()
    assert (ids(page), page["next"]) == ([own.pk], None)


def test_without_redis_a_further_page_is_ordered_anew(
    tweets: list[Tweet], alice: User, bob: User, drain: Drain
) -> None:
    api = Api(bob)
    whole = ids(api.get(RANKED).json())
    first = api.get(f"{RANKED}&limit=3").json()
    client().flushall()
    post_tweet(author=alice, text="new")
    drain()
    assert ids(follow(first["next"], api)) == whole[3:6]
    with frozen(embedded_servers().valkey):
        first = api.get(f"{RANKED}&limit=3").json()
        assert len(set(ids(first) + ids(follow(first["next"], api)))) == 6


def test_bad_input_is_refused_and_it_is_for_the_signed_in(tweets: list[Tweet], bob: User) -> None:
    api = Api(bob)
    for query, field in (
        ("view=best", "view"),
        ("view=", "view"),
        ("view=ranked&limit=0", "limit"),
        ("view=ranked&cursor=x", "cursor"),
        (f"view=ranked&cursor={Cursor(before=2**62).encode()}", "cursor"),
        (f"view=ranked&cursor={Cursor(after=5).encode()}", "cursor"),
    ):
        response = api.get(f"/api/timelines/home?{query}")
        assert response.status_code == 400, query
        assert field in response.json()["fields"], query
    assert Api().get(RANKED).status_code == 401


def test_the_number_of_queries_does_not_grow_with_the_entries(
    tweets: list[Tweet], bob: User
) -> None:
    api = Api(bob)
    counts = []
    api.get(RANKED)
    for limit in (1, 7):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            api.get(f"{RANKED}&limit={limit}")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8
