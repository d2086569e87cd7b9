"""Lists of tweets and users through the API."""

from collections.abc import Callable

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from people import services as people
from tests.helpers.api_client import Api
from tests.helpers.tweets import post
from tweets import marks
from tweets.read import threads


class TestLists:
    """All endpoints that return a page."""

    def follow_pages(self, api: Api, path: str) -> list[str]:
        """All ids of a list, read by following the `next` URLs."""
        seen: list[str] = []
        url: str | None = path
        while url:
            answer = api.get(url)
            assert answer.status_code == 200
            page = answer.json()
            page = page.get("replies", page)
            assert set(page) == {"results", "next", "previous"}
            assert (page["previous"] is None) == (url == path)
            seen += [entry["id"] for entry in page["results"]]
            url = page["next"]
        return seen

    def test_next_leads_to_the_end_of_each_list(self, alice: User, bob: User) -> None:
        tweets = [post(alice, f"#tag {number}") for number in range(5)]
        expected = [str(tweet.pk) for tweet in reversed(tweets)]
        for path in (
            "/api/users/ALICE/tweets",
            "/api/timelines/hashtag/TAG",
            "/api/timelines/public",
        ):
            for api in (Api(), Api(bob)):
                assert self.follow_pages(api, f"{path}?limit=2") == expected
        for tweet in tweets:
            post(alice, reply_to_id=tweets[0].pk, quote_of_id=tweets[1].pk)
            post(bob, reply_to_id=tweet.pk)
            marks.like(user=bob, tweet_id=tweet.pk)
        assert len(self.follow_pages(Api(), "/api/users/bob/replies?limit=2")) == 5
        assert self.follow_pages(Api(), "/api/users/bob/likes?limit=2") == expected
        first, second = (f"/api/tweets/{tweet.pk}" for tweet in tweets[:2])
        assert len(self.follow_pages(Api(), f"{first}/thread?limit=2")) == 6
        assert len(self.follow_pages(Api(), f"{second}/quotes?limit=2")) == 5

    def test_users_are_represented_as_profiles(self, alice: User, bob: User, charlie: User) -> None:
        tweet = post(alice)
        for user in (bob, charlie):
            marks.like(user=user, tweet_id=tweet.pk)
            marks.repost(user=user, tweet_id=tweet.pk)
        for part in ("likes", "reposts"):
            path = f"/api/tweets/{tweet.pk}/{part}"
            rows = Api(bob).get(path).json()["results"]
            assert [user["handle"] for user in rows] == ["charlie", "bob"]
            assert rows[0] == Api(bob).get("/api/users/charlie").json()
            assert self.follow_pages(Api(), f"{path}?limit=1") == [str(charlie.pk), str(bob.pk)]

    def test_a_thread_has_ancestors_a_tweet_and_replies(self, alice: User, bob: User) -> None:
        root = post(alice)
        tweet = post(bob, reply_to_id=root.pk)
        reply = post(alice, reply_to_id=tweet.pk)
        found = Api(bob).get(f"/api/tweets/{tweet.pk}/thread").json()
        assert set(found) == {"ancestors", "ancestors_before", "tweet", "replies"}
        assert found["ancestors_before"] is None
        assert [each["id"] for each in found["ancestors"]] == [str(root.pk)]
        assert found["tweet"] == Api(bob).get(f"/api/tweets/{tweet.pk}").json()
        assert [each["id"] for each in found["replies"]["results"]] == [str(reply.pk)]

    def test_a_client_can_read_on_above_the_first_ancestors(
        self, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(threads, "MAX_ANCESTORS", 3)
        chain = [post(alice)]
        for _ in range(8):
            chain.append(post(alice, reply_to_id=chain[-1].pk))
        url: str | None = f"/api/tweets/{chain[-1].pk}/thread"
        seen: list[str] = []
        while url:
            found = Api().get(url).json()
            seen = [each["id"] for each in found["ancestors"]] + seen
            url = found["ancestors_before"]
        assert seen == [str(tweet.pk) for tweet in chain[:-1]]

    @pytest.mark.parametrize("limit", ["0", "101", "-1", "x", "", "1.5", "%00"])
    def test_a_bad_limit_is_a_400(self, alice: User, limit: str) -> None:
        for path in self.paths(alice):
            answer = Api().get(f"{path}?limit={limit}")
            assert answer.status_code == 400
            assert list(answer.json()["fields"]) == ["limit"]

    @pytest.mark.parametrize("cursor", ["", "x", "YjE", "YjE=", "Yi0x", "%00", "a" * 500])
    def test_a_bad_cursor_is_a_400(self, alice: User, cursor: str) -> None:
        status = 200 if cursor == "YjE" else 400  # "b1", a valid position
        for path in self.paths(alice):
            assert Api().get(f"{path}?cursor={cursor}").status_code == status

    def paths(self, alice: User) -> list[str]:
        """The paths of all lists."""
        tweet = f"/api/tweets/{post(alice).pk}"
        return [
            *(f"{tweet}/{part}" for part in ("thread", "likes", "reposts", "quotes")),
            *(f"/api/users/alice/{part}" for part in ("tweets", "replies", "likes")),
            *(f"/api/timelines/{part}" for part in ("public", "hashtag/tag")),
        ]

    @pytest.mark.parametrize("part", ["tweets", "replies", "likes"])
    def test_lists_of_a_user_are_hidden_from_a_blocked_viewer(
        self, alice: User, bob: User, person: Callable[..., User], part: str
    ) -> None:
        people.block(blocker=alice, blocked=bob)
        gone = person("gone")
        User.objects.filter(pk=gone.pk).update(suspended_at="2026-02-01T00:00Z")
        assert Api(bob).get(f"/api/users/alice/{part}").status_code == 403
        for handle in ("nobody", "gone", "%00", "a" * 31, "é"):
            assert Api(bob).get(f"/api/users/{handle}/{part}").status_code == 404

    @pytest.mark.parametrize("tag", ["%20", "a%20b", "%23", "1", "a" * 101, "%00", "a%2Fb", "🐦"])
    def test_an_invalid_hashtag_is_a_404(self, db: None, tag: str) -> None:
        assert Api().get(f"/api/timelines/hashtag/{tag}").status_code == 404

    def test_a_page_takes_as_many_queries_for_any_size(
        self, alice: User, bob: User, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        quoted = post(bob, "@alice #tag")
        for number in range(12):
            tweet = post(alice, f"{number} @bob #tag", quote_of_id=quoted.pk)
            post(alice, reply_to_id=quoted.pk)
            for user in (alice, bob):
                marks.like(user=user, tweet_id=tweet.pk)
                marks.repost(user=user, tweet_id=tweet.pk)
        api = Api(bob)
        lists = {
            # The token; the owner of the list with the relation to them; ids and tweets.
            "/api/users/alice/tweets": 1 + 1 + 2,
            "/api/users/alice/replies": 1 + 1 + 2,
            "/api/users/alice/likes": 1 + 1 + 2,
            "/api/timelines/public": 1 + 2,
            "/api/timelines/hashtag/tag": 1 + 2,
            # The tweet first.
            f"/api/tweets/{quoted.pk}/quotes": 1 + 1 + 2,
            f"/api/tweets/{quoted.pk}/thread": 1 + 1 + 2,
            # Then ids, users, and the relations between them and the viewer.
            f"/api/tweets/{tweet.pk}/likes": 1 + 1 + 3,
            f"/api/tweets/{tweet.pk}/reposts": 1 + 1 + 3,
        }
        for path, queries in lists.items():
            for limit in (2, 10):
                with django_assert_num_queries(queries):
                    assert api.get(f"{path}?limit={limit}").status_code == 200
