"""Statuses: posted, read, edited and deleted."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from people.profile import update_profile
from people.services import block, follow, mute
from tests.helpers.mastodon_client import Mastodon
from tests.helpers.threads import at_once
from tweets.models import Tweet
from tweets.posting import post_tweet

pytestmark = pytest.mark.django_db


def test_a_status_has_all_that_clients_read(alice: User, bob: User) -> None:
    client = Mastodon(alice)
    body: dict[str, Any] = {
        "status": "hi @BOB, #Chirp\n\nhttps://example.com/",
        "spoiler_text": "CW",
        "visibility": "unlisted",
        "language": "en",
        "in_reply_to_id": None,
        "media_ids": [],
        "unknown": {"ignored": True},
    }
    status = client.post("statuses", "Status", body)
    assert status["url"] == f"http://testserver/@alice/{status['id']}"
    assert status["mentions"] == [
        {"id": str(bob.pk), "username": "bob", "acct": "bob", "url": "http://testserver/@bob"}
    ]
    assert f'href="{status["mentions"][0]["url"]}"' in status["content"]
    assert status["tags"] == [{"name": "chirp", "url": "http://testserver/tags/chirp"}]
    assert (status["spoiler_text"], status["sensitive"]) == ("CW", True)
    assert (status["visibility"], status["language"]) == ("unlisted", "en")
    assert status["favourited"] is status["muted"] is status["pinned"] is False
    anonymous = Mastodon().get(f"statuses/{status['id']}", "Status")
    assert "favourited" not in anonymous
    assert client.client.get("/tags/chirp")["Location"] == "/hashtag/chirp"


@pytest.mark.parametrize(
    "form",
    [
        lambda client: client.send("post", "statuses?status=a&visibility=private"),
        lambda client: client.send(
            "post", "statuses", data={"status": "a", "visibility": "private"}
        ),
        lambda client: client.send(
            "post",
            "statuses",
            data="status=a&visibility=private",
            content_type="application/x-www-form-urlencoded;charset=utf-8",
        ),
        lambda client: client.send(
            "post", "statuses", data=b'{"status": "a", "visibility": "private"}', content_type=""
        ),
    ],
    ids=["query", "multipart", "form", "json without a type"],
)
def test_parameters_come_from_everywhere(alice: User, form: Callable[[Mastodon], Any]) -> None:
    status = form(Mastodon(alice)).json()
    assert (status["content"], status["visibility"]) == ("<p>a</p>", "private")
    assert Tweet.objects.get().visibility == "followers"


def test_what_cannot_be_posted(alice: User, bob: User) -> None:
    secret = post_tweet(author=bob, text="secret", visibility="direct")
    followers = post_tweet(author=bob, text="followers", visibility="followers")
    client = Mastodon(alice)
    wrongs: list[dict[str, Any]] = [
        {"status": " \n"},
        {},
        {"status": "x" * 501},
        {"status": "x", "visibility": "friends"},
        {"status": "x", "in_reply_to_id": str(secret.pk)},
        {"status": "x", "in_reply_to_id": "nothing"},
        {"status": "x", "quoted_status_id": str(secret.pk)},
        {"status": "x", "media_ids": ["99999"]},
        {"status": "x", "poll": {"options": ["a", "b"]}},
        {"status": "x", "poll": {"options": ["a"], "expires_in": 600}},
        {"status": "x", "poll": {"options": ["a", "b"], "expires_in": 1}},
        {"status": "x", "media_ids": ["1"], "poll": {"options": ["a", "b"], "expires_in": 600}},
        {"status": "x", "quote_approval_policy": "friends"},
        {"status": {"a": 1}},
        {"status": "\x00"},
        {"status": "x", "spoiler_text": "y" * 2000},
    ]
    for body in wrongs:
        error = client.post("statuses", "", body, status=422)["error"]
        assert error.startswith("Validation failed: "), body
    client.post("statuses", "", {"status": "x", "quoted_status_id": followers.pk}, status=422)
    assert Tweet.objects.filter(author=alice).count() == 0
    Mastodon().post("statuses", "", {"status": "x"}, status=401)


def test_a_poll_and_a_warning_without_text(alice: User, bob: User) -> None:
    client = Mastodon(alice)
    assert client.post("statuses", "Status", {"spoiler_text": "only"})["content"] == "<p>only</p>"
    body = {"status": "?", "poll[options][]": ["a", "b"], "poll[expires_in]": "3600"}
    status = client.send("post", "statuses", data=body, entity="Status").json()
    assert [option["title"] for option in status["poll"]["options"]] == ["a", "b"]
    assert status["poll"]["voted"] is True
    seen = Mastodon(bob).get(f"statuses/{status['id']}", "Status")["poll"]
    assert (seen["voted"], seen["own_votes"], seen["voters_count"]) == (False, [], None)


def test_the_same_key_gives_the_first_status_again(alice: User) -> None:
    client, key = Mastodon(alice), {"Idempotency-Key": "k" * 300}

    def post(text: str, status: int = 200) -> Any:
        return client.post("statuses", "", {"status": text}, status=status, headers=key)

    post("", 422)
    first = post("one")
    assert post("one")["id"] == post("another")["id"] == first["id"]
    assert Tweet.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_equal_posts_at_once_make_one_status(alice: User) -> None:
    found = []

    def post() -> None:
        client = Mastodon(alice)
        key = {"Idempotency-Key": "k"}
        found.append(client.post("statuses", "Status", {"status": "x"}, headers=key)["id"])

    assert at_once([post, post, post]) == []
    assert len(found) == 3
    assert len(set(found)) == 1


def test_who_sees_what(alice: User, bob: User, charlie: User) -> None:
    follow(follower=bob, followee=alice)
    clients = {"alice": Mastodon(alice), "bob": Mastodon(bob), "charlie": Mastodon(charlie)}
    for visibility, seen_by in (
        ("unlisted", {"alice", "bob", "charlie"}),
        ("private", {"alice", "bob"}),
        ("direct", {"alice", "charlie"}),
    ):
        body = {"status": "@charlie x" if visibility == "direct" else "x", "visibility": visibility}
        id_ = clients["alice"].post("statuses", "Status", body)["id"]
        for handle, client in clients.items():
            for path in ("", "/context", "/history", "/favourited_by", "/reblogged_by"):
                client.get(f"statuses/{id_}{path}", status=200 if handle in seen_by else 404)
            listed = client.get(f"statuses?id[]={id_}&id[]=7&id[]=x", "[Status]")
            assert len(listed) == (handle in seen_by)


def test_a_private_account_tells_who_reads_it(alice: User) -> None:
    update_profile(user=alice, changes={"private": True})
    status = Mastodon(alice).post("statuses", "Status", {"status": "x"})
    assert status["visibility"] == "private"
    assert status["quote_approval"]["automatic"] == []


def test_an_edit_keeps_what_was_there(alice: User, bob: User) -> None:
    client = Mastodon(alice)
    id_ = client.post("statuses", "Status", {"status": "one", "sensitive": True})["id"]
    body = {"status": "two @bob", "spoiler_text": "", "sensitive": False, "media_ids": []}
    edited = client.put(f"statuses/{id_}", "Status", body)
    assert edited["edited_at"] is not None
    assert edited["sensitive"] is False
    source = client.get(f"statuses/{id_}/source", "StatusSource")
    assert source == {"id": id_, "text": "two @bob", "spoiler_text": ""}
    versions = client.get(f"statuses/{id_}/history", "[StatusEdit]")
    assert [version["content"].count("one") for version in versions] == [1, 0]
    assert client.put(f"statuses/{id_}", "Status", body)["edited_at"] == edited["edited_at"]
    client.put(f"statuses/{id_}", "", {"status": ""}, status=422)
    client.put(f"statuses/{id_}", "", {"status": "x", "media_ids": ["5"]}, status=422)
    poll = {"options": ["a", "b"], "expires_in": 600}
    client.put(f"statuses/{id_}", "", {"status": "x", "poll": poll}, status=422)
    for other in (Mastodon(bob),):
        other.put(f"statuses/{id_}", "", {"status": "x"}, status=403)
        other.get(f"statuses/{id_}/source", status=403)
        other.delete(f"statuses/{id_}", status=403)


def test_deleting_gives_the_text_for_a_new_draft(alice: User) -> None:
    client = Mastodon(alice)
    id_ = client.post("statuses", "Status", {"status": "<one> & two"})["id"]
    deleted = client.send("delete", f"statuses/{id_}?delete_media=true", entity="Status").json()
    assert deleted["text"] == "<one> & two"
    client.get(f"statuses/{id_}", status=404)
    client.delete(f"statuses/{id_}", status=404)


def test_marks(alice: User, bob: User) -> None:
    id_ = str(post_tweet(author=bob, text="mark me").pk)
    client = Mastodon(alice)
    for action, field, count in (
        ("favourite", "favourited", "favourites_count"),
        ("bookmark", "bookmarked", None),
        ("mute", "muted", None),
    ):
        for _ in range(2):
            marked = client.post(f"statuses/{id_}/{action}", "Status")
            assert (marked["id"], marked[field]) == (id_, True)
            assert count is None or marked[count] == 1
        for _ in range(2):
            assert client.post(f"statuses/{id_}/un{action}", "Status")[field] is False
    client.post(f"statuses/{id_}/pin", status=403)
    own = client.post("statuses", "Status", {"status": "mine"})["id"]
    assert client.post(f"statuses/{own}/pin", "Status")["pinned"] is True
    pinned = client.get(f"accounts/{alice.pk}/statuses?pinned=1&limit=5", "[Status]")
    assert [each["id"] for each in pinned] == [own]
    assert client.post(f"statuses/{own}/unpin", "Status")["pinned"] is False
    client.post("statuses/1/favourite", status=404)


def test_a_reblog_is_a_wrapper_and_undoing_it_gives_the_original(alice: User, bob: User) -> None:
    id_ = str(post_tweet(author=bob, text="again").pk)
    client = Mastodon(alice)
    wrapper = client.post(f"statuses/{id_}/reblog", "Status")
    assert wrapper["id"] != id_
    assert (wrapper["reblog"]["id"], wrapper["content"]) == (id_, "")
    assert wrapper["account"]["acct"] == "alice"
    assert wrapper["reblogged"] is wrapper["reblog"]["reblogged"] is True
    assert (wrapper["reblogs_count"], wrapper["reblog"]["reblogs_count"]) == (0, 1)
    assert client.post(f"statuses/{id_}/reblog", "Status")["id"] == wrapper["id"]
    assert client.get(f"statuses/{wrapper['id']}", "Status")["reblog"]["id"] == id_
    assert client.post(f"statuses/{wrapper['id']}/favourite", "Status")["id"] == id_
    assert [each["acct"] for each in client.get(f"statuses/{id_}/reblogged_by", "[Account]")] == [
        "alice"
    ]
    undone = client.post(f"statuses/{id_}/unreblog", "Status")
    assert (undone["id"], undone["reblogged"], undone["reblogs_count"]) == (id_, False, 0)
    assert client.post(f"statuses/{id_}/unreblog", "Status")["id"] == id_
    again = client.post(f"statuses/{id_}/reblog", "Status")["id"]
    client.delete(f"statuses/{again}", "Status")
    assert client.get(f"statuses/{id_}", "Status")["reblogged"] is False


def test_a_quote_says_what_became_of_the_original(alice: User, bob: User) -> None:
    original = post_tweet(author=bob, text="original")
    client = Mastodon(alice)
    body = {"status": "look", "quoted_status_id": str(original.pk)}
    quote = client.post("statuses", "Status", body)
    assert quote["quote"]["quoted_status"]["id"] == str(original.pk)
    link = f"http://testserver/@bob/{original.pk}"
    assert quote["content"].startswith(f'<p class="quote-inline">RE: <a href="{link}"')
    nested = client.post("statuses", "Status", {"status": "!", "quoted_status_id": quote["id"]})
    inner = nested["quote"]["quoted_status"]["quote"]
    assert inner == {"state": "accepted", "quoted_status_id": str(original.pk)}

    def state() -> str:
        return str(client.get(f"statuses/{quote['id']}", "Status")["quote"]["state"])

    mute(muter=alice, muted=bob)
    assert state() == "muted_account"
    block(blocker=alice, blocked=bob)
    assert state() == "blocked_account"
    block(blocker=bob, blocked=alice)
    assert state() == "unauthorized"
    Tweet.objects.filter(pk=original.pk).update(deleted_at=original.created_at)
    assert state() == "deleted"


def test_who_may_quote_and_taking_a_quote_back(alice: User, bob: User) -> None:
    mine, other = Mastodon(alice), Mastodon(bob)
    id_ = mine.post("statuses", "Status", {"status": "x", "quote_approval_policy": "nobody"})["id"]
    body = {"status": "look", "quoted_status_id": id_}
    seen = other.get(f"statuses/{id_}", "Status")["quote_approval"]
    assert seen == {"automatic": [], "manual": [], "current_user": "denied"}
    other.post("statuses", "", body, status=403)
    path, policy = f"statuses/{id_}/interaction_policy", {"quote_approval_policy": "public"}
    other.put(path, "", policy, status=403)
    mine.put(path, "", {"quote_approval_policy": "friends"}, status=422)
    mine.put(path, "", {}, status=400)
    assert mine.put(path, "Status", policy)["quote_approval"]["automatic"] == ["public"]
    quote = other.post("statuses", "Status", body)["id"]
    assert [each["id"] for each in mine.get(f"statuses/{id_}/quotes", "[Status]")] == [quote]
    other.post(f"statuses/{id_}/quotes/{quote}/revoke", status=404)
    revoked = mine.post(f"statuses/{id_}/quotes/{quote}/revoke", "Status")
    assert revoked["quote"] == {"state": "revoked", "quoted_status": None}
    assert mine.get(f"statuses/{id_}/quotes") == []


def test_a_thread_is_in_the_order_of_a_tree(alice: User, bob: User, charlie: User) -> None:
    def reply(author: User, to: Tweet, text: str) -> Tweet:
        return post_tweet(author=author, text=text, reply_to_id=to.pk)

    root = post_tweet(author=alice, text="root")
    one = reply(bob, root, "one")
    two = reply(alice, root, "two")
    one_a = reply(alice, one, "one a")
    two_a = reply(charlie, two, "two a")
    one_b = reply(bob, one, "one b")
    below = reply(charlie, one_a, "one a i")

    def found(viewer: User | None, of: Tweet) -> tuple[list[str], list[str]]:
        context = Mastodon(viewer).get(f"statuses/{of.pk}/context", "Context")
        return tuple(  # type: ignore[return-value]
            [each["id"] for each in context[part]] for part in ("ancestors", "descendants")
        )

    def ids(*tweets: Tweet) -> list[str]:
        return [str(tweet.pk) for tweet in tweets]

    whole = ids(one, one_a, below, one_b, two, two_a)
    assert found(None, root) == ([], whole)
    assert found(alice, one_a) == (ids(root, one), ids(below))
    mute(muter=charlie, muted=bob)
    assert found(charlie, root) == ([], ids(one_a, below, two, two_a))
    status = Mastodon().get(f"statuses/{below.pk}", "Status")
    assert (status["in_reply_to_id"], status["in_reply_to_account_id"]) == (
        str(one_a.pk),
        str(alice.pk),
    )


def test_the_queries_of_a_page_do_not_grow_with_its_entries(
    alice: User, bob: User, charlie: User
) -> None:
    client = Mastodon(alice)
    follow(follower=alice, followee=bob)

    def queries(path: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            client.get(path)
        return len(captured)

    def post(number: int) -> None:
        for _ in range(number):
            first = post_tweet(author=bob, text="@alice #x and @charlie")
            post_tweet(author=bob, text="q", quote_of_id=first.pk)
            post_tweet(author=charlie, text="r @bob", reply_to_id=first.pk)

    post(2)
    root = Tweet.objects.earliest("pk").pk
    paths = (
        *("timelines/home", "timelines/public", "timelines/tag/x"),
        *(f"accounts/{bob.pk}/statuses", f"statuses/{root}/context"),
    )
    for path in paths:
        queries(path)  # fills caches
    before = {path: queries(path) for path in paths}
    post(5)
    assert {path: queries(path) for path in paths} == before
