"""Tweets through the API."""

import re
from datetime import datetime
from functools import partial
from typing import Any

import pytest

from accounts.models import User
from people import services as people
from tests.helpers.api_client import Api
from tests.helpers.tweets import at_once, post, row
from tweets import deleting, marks
from tweets.models import Tweet

KEYS = {
    *("id", "url", "author", "text", "html", "created_at", "edited_at", "visibility"),
    *("sensitive", "spoiler", "reply_to_id", "conversation_id", "repost_of", "quote_of_id"),
    *("quote_of", "media", "poll", "location", "counts", "viewer", "language"),
    *("replies_from", "quotes_from", "reposted_by", "filtered", "card"),
}
MARKS = ("liked", "reposted", "bookmarked", "muted", "pinned")
NO_MARKS = {**dict.fromkeys(MARKS, False), "may_reply": True, "may_quote": True}
NO_COUNTS = {"likes": 0, "reposts": 0, "quotes": 0, "replies": 0}


def send(author: User, text: Any = "hello", **more: Any) -> Any:
    """The response to a POST of a tweet."""
    return Api(author).post("/api/tweets", {"text": text, **more})


class TestPosting:
    """POST /api/tweets."""

    def test_it_returns_the_tweet(self, alice: User, bob: User) -> None:
        answer = send(alice, "Hi @bob, <b>see</b> #Chirp", sensitive=True, spoiler="Birds")
        assert answer.status_code == 201
        tweet = answer.json()
        assert set(tweet) == KEYS
        id_ = tweet["id"]
        assert tweet["url"] == f"http://testserver/@alice/{id_}"
        assert tweet["author"] == {
            "id": str(alice.pk),
            "handle": "alice",
            "name": "",
            "avatar": None,
            "private": False,
            "url": "http://testserver/@alice",
        }
        assert tweet["text"] == "Hi @bob, <b>see</b> #Chirp"
        assert 'href="/@bob"' in tweet["html"]
        assert 'href="/hashtag/chirp"' in tweet["html"]
        assert "<b>" not in tweet["html"]
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", tweet["created_at"])
        assert datetime.fromisoformat(tweet["created_at"]).date() == row_of(id_).created_at.date()
        assert (tweet["sensitive"], tweet["spoiler"], tweet["visibility"]) == (
            *(True, "Birds"),
            "public",
        )
        assert (tweet["conversation_id"], tweet["reply_to_id"], tweet["edited_at"]) == (
            *(id_, None),
            None,
        )
        assert (tweet["media"], tweet["poll"], tweet["location"]) == ([], None, None)
        assert (tweet["counts"], tweet["viewer"]) == (NO_COUNTS, NO_MARKS)
        assert Api(alice).get(f"/api/tweets/{id_}").json() == tweet
        assert Api().get(f"/api/tweets/{id_}").json() == {**tweet, "viewer": None}

    def test_only_mentions_of_existing_accounts_become_links(self, alice: User, bob: User) -> None:
        html = send(alice, "\uff20BOB and @nobody_at_all").json()["html"]
        assert 'href="/@bob"' in html
        assert "nobody_at_all</a>" not in html

    def test_a_reply_and_a_quote_contain_the_ids_of_their_targets(
        self, alice: User, bob: User
    ) -> None:
        root = send(alice).json()
        answer = send(bob, reply_to_id=root["id"], quote_of_id=root["id"]).json()
        assert (answer["reply_to_id"], answer["conversation_id"]) == (root["id"], root["id"])
        assert answer["quote_of_id"] == root["id"]
        assert answer["quote_of"]["counts"] == {**NO_COUNTS, "quotes": 1, "replies": 1}
        assert answer["quote_of"]["id"] == root["id"]

    @pytest.mark.parametrize("tag", ["en", "zh-Hant", "de-CH-1996", "gsw"])
    def test_a_language_is_returned_as_sent(self, alice: User, tag: str) -> None:
        assert send(alice, language=tag).json()["language"] == tag

    def test_a_language_is_optional(self, alice: User) -> None:
        assert send(alice, language="").json()["language"] is None

    def test_a_null_reference_is_accepted(self, alice: User) -> None:
        assert send(alice, reply_to_id=None, quote_of_id=None).status_code == 201

    @pytest.mark.parametrize(
        ("more", "field"),
        [
            ({"text": " \n "}, "text"),
            ({"text": "x" * 501}, "text"),
            ({"text": "a\x00b"}, "text"),
            ({"text": 5}, "text"),
            ({"text": None}, "text"),
            ({"text": ["a"]}, "text"),
            ({"text": "\u200b"}, "text"),
            ({"reply_to_id": "12345"}, "reply_to_id"),
            ({"reply_to_id": 12345}, "reply_to_id"),
            ({"reply_to_id": "x"}, "reply_to_id"),
            ({"reply_to_id": "-1"}, "reply_to_id"),
            ({"reply_to_id": "9" * 30}, "reply_to_id"),
            ({"reply_to_id": {}}, "reply_to_id"),
            ({"quote_of_id": "12345"}, "quote_of_id"),
            ({"quote_of_id": 5.5}, "quote_of_id"),
            ({"text": "", "quote_of_id": "12345"}, "quote_of_id"),
            ({"visibility": "everybody"}, "visibility"),
            ({"visibility": 1}, "visibility"),
            ({"visibility": []}, "visibility"),
            ({"visibility": None}, "visibility"),
            ({"sensitive": "yes"}, "sensitive"),
            ({"sensitive": 1}, "sensitive"),
            ({"spoiler": "x" * 501}, "spoiler"),
            ({"spoiler": "a\nb"}, "spoiler"),
            ({"spoiler": 5}, "spoiler"),
            ({"language": "english"}, "language"),
            ({"language": "e"}, "language"),
            ({"language": "en_GB"}, "language"),
            ({"language": "日本"}, "language"),
            ({"language": "en-" + "x" * 9}, "language"),
            ({"language": "en-" + "-".join(["abcdefgh"] * 3)}, "language"),
            ({"language": None}, "language"),
            ({"language": 5}, "language"),
            ({"media_ids": ["1"]}, "media_ids"),
            ({"poll": {"choices": ["a", "b"]}}, "poll.expires_in"),
            ({"location": []}, "location.non_field_errors"),
            ({"location": {"lat": 1}}, "location.lon"),
            ({"location": {"lat": 90.001, "lon": 2}}, "location.lat"),
            ({"location": {"lat": "1", "lon": 2}}, "location.lat"),
            ({"location": {"lat": 1, "lon": -181}}, "location.lon"),
            ({"location": {"lat": 1, "lon": True}}, "location.lon"),
            ({"location": {"lat": 1, "lon": 1e300}}, "location.lon"),
            ({"location": {"lat": 1, "lon": None}}, "location.lon"),
            ({"location": {"lat": 1, "lon": 2, "name": "x" * 101}}, "location.name"),
            ({"location": {"lat": 1, "lon": 2, "name": "a\nb"}}, "location.name"),
            ({"location": {"lat": 1, "lon": 2, "name": 5}}, "location.name"),
            ({"location": {"lat": 1, "lon": 2, "exact": 1}}, "location.exact"),
        ],
    )
    def test_an_invalid_field_is_named_in_the_error(
        self, alice: User, more: dict[str, Any], field: str
    ) -> None:
        answer = Api(alice).post("/api/tweets", {"text": "hello", **more})
        assert answer.status_code == 400
        assert list(answer.json()["fields"]) == [field]
        assert not Tweet.objects.exists()

    @pytest.mark.parametrize(
        "body", [b"", b"[]", b"null", b'"hello"', b"{", b'{"text": "\\ud800"}', b'{"text": "\xff"}']
    )
    def test_a_malformed_body_is_refused(self, alice: User, body: bytes) -> None:
        assert Api(alice).post("/api/tweets", body).status_code == 400

    def test_a_missing_text_is_named(self, alice: User) -> None:
        assert list(Api(alice).post("/api/tweets", {}).json()["fields"]) == ["text"]

    def test_only_json_is_accepted(self, alice: User) -> None:
        api = Api(alice)
        answer = api.client.post("/api/tweets", {"text": "hello"}, headers=api.headers)
        assert answer.status_code == 415

    def test_posting_requires_authentication(self, db: None) -> None:
        answer = Api().post("/api/tweets", {"text": "hello"})
        assert answer.status_code == 401
        assert "Bearer" in answer.headers["WWW-Authenticate"]

    def test_quoting_a_followers_only_tweet_is_a_403(self, alice: User, bob: User) -> None:
        people.follow(follower=bob, followee=alice)
        tweet = post(alice, visibility="followers")
        answer = send(bob, quote_of_id=str(tweet.pk))
        assert answer.status_code == 403
        assert list(answer.json()["fields"]) == ["quote_of_id"]

    def test_a_request_with_a_key_takes_effect_once(self, alice: User) -> None:
        key = {"Idempotency-Key": "one"}
        first = Api(alice).post("/api/tweets", {"text": "once"}, **key)
        again = Api(alice).post("/api/tweets", {"text": "once"}, **key)
        assert (first.status_code, again.status_code) == (201, 201)
        assert first.json() == again.json()
        assert Api(alice).post("/api/tweets", {"text": "else"}, **key).status_code == 409
        assert Tweet.objects.count() == 1

    @pytest.mark.django_db(transaction=True)
    def test_a_request_with_a_key_takes_effect_once_in_a_race(self, alice: User) -> None:
        def send_once() -> Any:
            return Api(alice).post("/api/tweets", {"text": "once"}, **{"Idempotency-Key": "one"})

        answers: list[Any] = at_once([send_once] * 8)
        (tweet,) = Tweet.objects.all()
        for answer in answers:
            assert answer.status_code in (201, 409)
            assert answer.status_code == 409 or answer.json()["id"] == str(tweet.pk)


def _become(what: str, author: User, tweet: Tweet) -> None:
    """Make an author private or suspended, or let an operator hide the tweet."""
    changes: dict[str, dict[str, Any]] = {
        "private": {"private": True},
        "gone": {"suspended_at": "2026-02-01T00Z"},
    }
    if what == "hidden":
        Tweet.objects.filter(pk=tweet.pk).update(hidden_at="2026-02-01T00Z")
    else:
        User.objects.filter(pk=author.pk).update(**changes[what])


def row_of(id_: str) -> Tweet:
    """The row of the tweet with this id."""
    return Tweet.objects.get(pk=int(id_))


class TestOneTweet:
    """GET and DELETE /api/tweets/{id}."""

    @pytest.mark.parametrize(
        "id_", ["0", "12345", "x", "-1", "1e3", "9" * 16, "9" * 40, "%00", "٣"]
    )
    def test_an_unknown_id_is_a_404(self, alice: User, id_: str) -> None:
        api = Api(alice)
        assert api.get(f"/api/tweets/{id_}").status_code == 404
        assert api.delete(f"/api/tweets/{id_}").status_code == 404
        for part in ("thread", "likes", "reposts", "quotes"):
            assert api.get(f"/api/tweets/{id_}/{part}").status_code == 404
        for part in ("like", "repost"):
            assert api.put(f"/api/tweets/{id_}/{part}").status_code == 404
            assert api.delete(f"/api/tweets/{id_}/{part}").status_code == 404

    def test_a_repost_contains_the_original(self, alice: User, bob: User) -> None:
        quoted = post(bob, "quoted")
        original = post(alice, "original", quote_of_id=quoted.pk)
        marks.like(user=bob, tweet_id=original.pk)
        repost = marks.repost(user=bob, tweet_id=original.pk)
        found = Api(bob).get(f"/api/tweets/{repost.pk}").json()
        nested = found["repost_of"]
        assert set(found) == set(nested) == set(nested["quote_of"]) == KEYS
        assert (found["id"], found["text"], found["html"]) == (str(repost.pk), "", "")
        assert found["author"]["handle"] == "bob"
        assert nested == Api(bob).get(f"/api/tweets/{original.pk}").json()
        assert nested["quote_of"]["text"] == "quoted"
        for key in ("counts", "viewer", "conversation_id"):
            assert found[key] == nested[key]
        assert found["counts"] == {**NO_COUNTS, "likes": 1, "reposts": 1}
        assert found["viewer"] == {**NO_MARKS, "liked": True, "reposted": True}

    def test_only_one_level_of_quotes_is_nested(self, alice: User) -> None:
        tweets = [post(alice)]
        for _ in range(2):
            tweets.append(post(alice, quote_of_id=tweets[-1].pk))
        found = Api().get(f"/api/tweets/{tweets[2].pk}").json()
        assert found["quote_of"]["id"] == str(tweets[1].pk)
        assert found["quote_of"]["quote_of_id"] == str(tweets[0].pk)
        assert found["quote_of"]["quote_of"] is None

    @pytest.mark.parametrize("why", ["deleted", "blocks", "blocked", "muted", "private", "gone"])
    def test_a_quote_that_the_viewer_cannot_see_contains_only_the_id(
        self, alice: User, bob: User, charlie: User, why: str
    ) -> None:
        quoted = post(alice)
        quote = post(bob, quote_of_id=quoted.pk)
        if why == "deleted":
            deleting.delete_tweet(author=alice, tweet_id=quoted.pk)
        elif why == "blocks":
            people.block(blocker=charlie, blocked=alice)
        elif why == "blocked":
            people.block(blocker=alice, blocked=charlie)
        elif why == "muted":
            people.mute(muter=charlie, muted=alice)
        else:
            change = {"private": True} if why == "private" else {"suspended_at": "2026-02-01T00Z"}
            User.objects.filter(pk=alice.pk).update(**change)
        found = Api(charlie).get(f"/api/tweets/{quote.pk}").json()
        assert (found["quote_of_id"], found["quote_of"]) == (str(quoted.pk), None)

    @pytest.mark.parametrize(
        "why", ["deleted", "blocked", "private", "gone", "hidden", "direct", "followers"]
    )
    def test_the_id_of_a_parent_that_the_viewer_cannot_see_is_not_told(
        self, alice: User, bob: User, charlie: User, why: str
    ) -> None:
        people.follow(follower=bob, followee=alice)
        visibility = why if why in ("direct", "followers") else "public"
        root = post(alice, "@bob hello", visibility=visibility)
        reply = post(bob, "Hello yourself", reply_to_id=root.pk, visibility="public")
        last = post(bob, "And more", reply_to_id=reply.pk, visibility="public")
        shared = [marks.repost(user=bob, tweet_id=reply.pk), post(bob, quote_of_id=reply.pk)]
        if why == "deleted":
            deleting.delete_tweet(author=alice, tweet_id=root.pk)
        elif why == "blocked":
            people.block(blocker=alice, blocked=charlie)
        elif why in ("private", "gone", "hidden"):
            _become(why, alice, root)

        def told(tweet: Tweet, viewer: User | None, *path: str) -> tuple[Any, Any]:
            found = Api(viewer).get(f"/api/tweets/{tweet.pk}").json()
            for name in path:
                found = found[name]
            return found["reply_to_id"], found["conversation_id"]

        assert told(reply, charlie) == (None, None)
        assert told(last, charlie) == (str(reply.pk), None)
        assert told(shared[0], charlie, "repost_of") == (None, None)
        assert told(shared[1], charlie, "quote_of") == (None, None)
        if visibility != "public":
            assert told(reply, bob) == (str(root.pk), str(root.pk))

    def test_a_parent_of_a_muted_author_may_be_seen(self, alice: User, bob: User) -> None:
        root = post(alice)
        reply = post(bob, reply_to_id=root.pk)
        people.mute(muter=bob, muted=alice)
        assert Api(bob).get(f"/api/tweets/{reply.pk}").json()["reply_to_id"] == str(root.pk)

    def test_muted_means_the_conversation_and_not_the_author(self, alice: User, bob: User) -> None:
        tweet = post(alice)
        people.mute(muter=bob, muted=alice)
        assert Api(bob).get(f"/api/tweets/{tweet.pk}").json()["viewer"]["muted"] is False

    def test_deleting_is_idempotent_for_the_author(self, alice: User, bob: User) -> None:
        tweet = post(alice)
        path = f"/api/tweets/{tweet.pk}"
        assert Api().delete(path).status_code == 401
        assert Api(bob).delete(path).status_code == 403
        for _ in range(2):
            assert Api(alice).delete(path).status_code == 204
        assert Api(bob).delete(path).status_code == 404
        for viewer in (None, alice, bob):
            assert Api(viewer).get(path).status_code == 404

    def test_deleting_does_not_reveal_tweets_that_the_viewer_cannot_see(
        self, alice: User, bob: User
    ) -> None:
        tweet = post(alice, visibility="followers")
        people.block(blocker=alice, blocked=bob)
        for path in (f"/api/tweets/{tweet.pk}", f"/api/tweets/{post(alice).pk}"):
            assert Api(bob).get(path).status_code == Api(bob).delete(path).status_code == 404

    def test_unsupported_endpoints_are_a_404(self, alice: User) -> None:
        path = f"/api/tweets/{post(alice).pk}"
        assert Api(alice).put(f"{path}/favourite").status_code == 404


class TestMarks:
    """PUT and DELETE /api/tweets/{id}/like and /repost."""

    @pytest.mark.parametrize(
        ("mark", "count", "flag"), [("like", "likes", "liked"), ("repost", "reposts", "reposted")]
    )
    def test_they_return_the_state_of_the_original(
        self, alice: User, bob: User, charlie: User, mark: str, count: str, flag: str
    ) -> None:
        tweet = post(alice)
        repost = marks.repost(user=charlie, tweet_id=tweet.pk)
        already = int(mark == "repost")
        api = Api(bob)
        for named in (tweet, repost, tweet):
            answer = api.put(f"/api/tweets/{named.pk}/{mark}")
            assert answer.status_code == 200
            assert answer.json()["id"] == str(tweet.pk)
            assert answer.json()["counts"][count] == 1 + already
            assert answer.json()["viewer"][flag] is True
        for named in (repost, tweet, repost):
            answer = api.delete(f"/api/tweets/{named.pk}/{mark}")
            assert answer.status_code == 200
            assert answer.json()["counts"][count] == already
            assert answer.json()["viewer"][flag] is False

    @pytest.mark.parametrize("mark", ["like", "repost"])
    def test_they_require_authentication(self, alice: User, mark: str) -> None:
        path = f"/api/tweets/{post(alice).pk}/{mark}"
        assert Api().put(path).status_code == Api().delete(path).status_code == 401

    def test_reposting_a_followers_only_tweet_is_a_403_for_others(
        self, alice: User, bob: User
    ) -> None:
        people.follow(follower=bob, followee=alice)
        tweet = post(alice, visibility="followers")
        assert Api(bob).put(f"/api/tweets/{tweet.pk}/repost").status_code == 403
        assert Api(alice).put(f"/api/tweets/{tweet.pk}/repost").status_code == 200

    @pytest.mark.parametrize("mark", ["like", "repost"])
    def test_a_mark_on_a_deleted_tweet_is_a_404(self, alice: User, bob: User, mark: str) -> None:
        tweet = post(alice)
        deleting.delete_tweet(author=alice, tweet_id=tweet.pk)
        path = f"/api/tweets/{tweet.pk}/{mark}"
        assert Api(bob).put(path).status_code == Api(bob).delete(path).status_code == 404

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("mark", ["like", "repost"])
    def test_fifty_concurrent_requests_create_one_mark(
        self, alice: User, bob: User, mark: str
    ) -> None:
        tweet = post(alice)
        api = Api(bob)
        path = f"/api/tweets/{tweet.pk}/{mark}"
        answers: list[Any] = at_once([partial(api.put, path)] * 50)
        assert {answer.status_code for answer in answers} == {200}
        assert row(tweet).likes_count + row(tweet).reposts_count == 1
