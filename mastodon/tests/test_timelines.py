"""Timelines, their pages, and search."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from people.services import block, follow
from search.models import TrendingTweet
from tests.helpers.mastodon_client import Mastodon
from tweets.marks import repost
from tweets.posting import post_tweet

pytestmark = pytest.mark.django_db


def ids_of(entries: list[Any]) -> list[str]:
    return [entry["id"] for entry in entries]


def posted(author: User, number: int) -> list[str]:
    """The ids of new tweets, the oldest first."""
    return [str(post_tweet(author=author, text=f"{n} #tag").pk) for n in range(number)]


@pytest.mark.parametrize(
    "path", ["timelines/home", "timelines/public", "timelines/tag/TAG", "accounts/{id}/statuses"]
)
def test_pages_by_max_since_and_min(alice: User, redis: None, path: str) -> None:
    """The example of the documentation: ids 1 to 6, and limit 2."""
    _, *ids, _ = [None, *posted(alice, 6), None]
    client, path = Mastodon(alice), path.format(id=alice.pk)

    def found(query: str) -> list[int]:
        entries = client.get(f"{path}?{query}&limit=2", "[Status]")
        return [ids.index(id_) + 1 for id_ in ids_of(entries)]

    one, three, six = ids[0], ids[2], ids[5]
    assert found("") == [6, 5]
    assert found(f"max_id={three}") == [2, 1]
    assert found(f"since_id={three}") == [6, 5]
    assert found(f"min_id={three}") == [5, 4]
    assert found(f"min_id={one}&max_id={three}") == [2]
    assert found(f"since_id={one}&max_id={three}") == [2]
    assert found(f"min_id={six}") == found(f"since_id={six}") == found(f"max_id={one}") == []
    assert found("max_id=&min_id=x&since_id=-1") == [6, 5]
    assert found(f"min_id={'9' * 18}") == []
    assert found(f"max_id={'9' * 30}") == [6, 5]
    pages = client.walk(f"{path}?limit=4&only_media=false", "Status")
    assert [ids_of(page) for page in pages] == [ids[:1:-1], ids[1::-1]]
    _, links = client.page(f"{path}?limit=2&max_id={three}&only_media=false", "Status")
    assert "next" not in links
    assert links["prev"].endswith(f"?limit=2&only_media=false&min_id={ids[1]}")
    assert ids_of(client.get(links["prev"], "[Status]")) == [ids[3], ids[2]]


def test_home_is_the_timeline_of_the_site(
    alice: User, bob: User, charlie: User, redis: None, drain: Callable[..., int]
) -> None:
    follow(follower=alice, followee=bob)
    drain()
    original = post_tweet(author=charlie, text="original")
    again = repost(user=bob, tweet_id=original.pk)
    drain()
    (entry,) = Mastodon(alice).get("timelines/home", "[Status]")
    assert (entry["id"], entry["reblog"]["id"]) == (str(again.pk), str(original.pk))
    Mastodon().get("timelines/home", status=401)


def test_a_limit_out_of_range_is_moved_into_it(alice: User) -> None:
    posted(alice, 42)
    client = Mastodon()
    for limit, number in (("50", 40), ("0", 1), ("-1", 1), ("x", 20), ("", 20)):
        assert len(client.get(f"timelines/public?limit={limit}")) == number


def test_tweets_of_an_account_by_kind(alice: User, bob: User) -> None:
    other = post_tweet(author=bob, text="other")
    plain = post_tweet(author=alice, text="plain #Tag")
    reply = post_tweet(author=alice, text="reply", reply_to_id=other.pk)
    own = post_tweet(author=alice, text="to myself", reply_to_id=plain.pk)
    again = repost(user=alice, tweet_id=other.pk)

    def found(query: str) -> list[int]:
        path = f"accounts/{alice.pk}/statuses?{query}"
        return [int(id_) for id_ in ids_of(Mastodon().get(path, "[Status]"))]

    assert found("") == [again.pk, own.pk, reply.pk, plain.pk]
    assert found("exclude_replies=true") == [again.pk, own.pk, plain.pk]
    assert found("exclude_reblogs=1&exclude_replies=False") == [own.pk, reply.pk, plain.pk]
    assert found("tagged=tAG") == [plain.pk]
    assert found("only_media=true") == found("pinned=true") == []


def test_other_public_timelines(alice: User) -> None:
    one = post_tweet(author=alice, text="#a #b")
    post_tweet(author=alice, text="#a #c")
    client = Mastodon()
    assert client.get("timelines/public?remote=true") == []
    assert client.get("timelines/tag/a?only_media=1") == []
    found = client.get("timelines/tag/a?all[]=b&none[]=c&local=true", "[Status]")
    assert ids_of(found) == [str(one.pk)]
    several = "timelines/tag/x?any[]=a&any[]=B&any[]=c&any[]=%20&limit=2"
    ids = [str(one.pk), *(str(post_tweet(author=alice, text=f"#{t}").pk) for t in "abxabca")]
    newest = ids[:0:-1]
    assert [ids_of(page) for page in client.walk(several, "Status")][:3] == [
        newest[:2],
        newest[2:4],
        newest[4:6],
    ]
    assert ids_of(client.get(f"{several}&min_id={ids[1]}", "[Status]")) == [ids[3], ids[2]]
    assert client.get("timelines/tag/nobody%20uses", status=404)["error"] == "Record not found"
    assert client.get("timelines/tag/%E6%97%A5%E6%9C%AC", "[Status]") == []


def test_what_trends(alice: User, bob: User) -> None:
    one, two, hidden = (post_tweet(author=alice, text=text) for text in "abc")
    rows = [(one, 1, False), (two, 2, False), (hidden, 3, True)]
    TrendingTweet.objects.bulk_create(
        TrendingTweet(tweet=tweet, score=score, blocked=out) for tweet, score, out in rows
    )
    assert ids_of(Mastodon().get("trends/statuses", "[Status]")) == [str(two.pk), str(one.pk)]
    assert ids_of(Mastodon().get("trends/statuses?offset=1&limit=1")) == [str(one.pk)]
    block(blocker=bob, blocked=alice)
    assert Mastodon(bob).get("trends/statuses?limit=99") == []


def test_favourites_and_bookmarks_by_the_time_of_the_mark(alice: User, bob: User) -> None:
    ids, client = posted(bob, 3), Mastodon(alice)
    for mark, path in (("favourite", "favourites"), ("bookmark", "bookmarks")):
        for id_ in (ids[2], ids[0], ids[1]):
            client.post(f"statuses/{id_}/{mark}", "Status")
        pages = client.walk(f"{path}?limit=2", "Status")
        assert [ids_of(page) for page in pages] == [[ids[1], ids[0]], [ids[2]]]


def test_search_by_link(alice: User, bob: User) -> None:
    tweet = post_tweet(author=bob, text="found #tag")
    secret = post_tweet(author=bob, text="secret", visibility="direct")
    client = Mastodon(alice)

    def found(query: str) -> tuple[int, int, int]:
        answer = client.get(f"/api/v2/search?q={query}&resolve=true", "Search")
        return tuple(len(answer[kind]) for kind in ("accounts", "statuses", "hashtags"))  # type: ignore[return-value]

    base = "http://testserver"
    assert found(f"{base}/@BOB") == (1, 0, 0)
    assert found(f"{base}/@bob/{tweet.pk}") == (0, 1, 0)
    assert found(f"{base}/tags/Tag") == found(f"{base}/hashtag/tag") == (0, 0, 1)
    for path in (f"/@bob/{secret.pk}", "/@nobody", "/@bob/99999999999999999", "/", "/[", "/tags/-"):
        assert found(base + path) == (0, 0, 0), path
    assert found("http://[") == found("https://elsewhere.example/@bob") == (0, 0, 0)
    client.get("/api/v2/search?q=", status=400)
    client.get("/api/v2/search", status=400)


def test_search_by_words(alice: User, bob: User, drain: Callable[..., int]) -> None:
    from search.people import index_people

    index_people([alice.pk, bob.pk])
    tweet = post_tweet(author=bob, text="parrots everywhere")
    drain()
    client = Mastodon(alice)
    found = client.get("/api/v2/search?q=parrots", "Search")
    assert ids_of(found["statuses"]) == [str(tweet.pk)]
    assert (
        client.get("/api/v2/search?q=@bob&type=accounts", "Search")["accounts"][0]["acct"] == "bob"
    )
    assert client.get("/api/v2/search?q=parrots&type=statuses&offset=1", "Search")["statuses"] == []
    new = client.get("/api/v2/search?q=%23BrandNew", "Search")["hashtags"]
    assert [tag["name"] for tag in new] == ["brandnew"]
    for query in ('"', "from:", "a" * 600, "%23"):
        client.get(f"/api/v2/search?q={query}", "Search")


def test_hashtags_lists_and_read_positions(alice: User, bob: User) -> None:
    client = Mastodon(alice)
    assert client.get("tags/Birds", "Tag")["following"] is False
    assert client.post("tags/birds/follow", "Tag")["following"] is True
    assert [tag["name"] for tag in client.get("followed_tags", "[Tag]")] == ["birds"]
    assert client.post("tags/birds/unfollow", "Tag")["following"] is False
    client.get("tags/-", status=404)

    assert client.get("lists") == []
    made = client.post("lists", "List", {"title": "Friends", "replies_policy": "list"})
    path = f"lists/{made['id']}"
    assert client.post(f"{path}/accounts", "Empty", {"account_ids": [bob.pk]}) == {}
    assert [each["acct"] for each in client.get(f"{path}/accounts?limit=0", "[Account]")] == ["bob"]
    assert ids_of(client.get(f"accounts/{bob.pk}/lists", "[List]")) == [made["id"]]
    ids = posted(bob, 3)
    pages = client.walk(f"timelines/list/{made['id']}?limit=2", "Status")
    assert [ids_of(page) for page in pages] == [[ids[2], ids[1]], [ids[0]]]
    Mastodon(bob).get(f"timelines/list/{made['id']}", status=404)
    assert client.put(path, "List", {"title": "F", "exclusive": True})["exclusive"] is True
    client.delete(f"{path}/accounts", "Empty", {"account_ids": [str(bob.pk)]})
    assert client.get(f"{path}/accounts") == []
    for method in ("get", "put", "delete"):
        Mastodon(bob).send(method, path, status=404)
    client.delete(path, "Empty")
    client.get(path, status=404)
    client.post("lists", "", {}, status=400)

    assert client.get("markers?timeline[]=home&timeline[]=notifications") == {}
    moved = client.post("markers", "Markers", {"home": {"last_read_id": "12"}})
    assert moved["home"]["last_read_id"] == "12"
    back = client.post("markers", "Markers", {"home": {"last_read_id": "5"}})
    assert back["home"]["version"] == moved["home"]["version"] + 1
    assert client.get("markers?timeline[]=home", "Markers") == back
