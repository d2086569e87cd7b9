"""Polls through the API: posting, voting and their end."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from outbox.models import Event
from people import services as people
from tests.helpers.api_client import Api
from tests.helpers.pictures import uploaded
from tests.helpers.tweets import at_once, post
from tweets import deleting, marks
from tweets.models import Tweet
from tweets.polls.ending import end_polls
from tweets.polls.models import Poll, PollVote
from tweets.polls.read import voters
from tweets.polls.rules import NewPoll

pytestmark = pytest.mark.django_db
HOUR = 3600
TEA = {"choices": ["Tea", "Coffee"], "expires_in": HOUR}


def ask(author: User, *, seconds: int = HOUR, **more: Any) -> Tweet:
    """A tweet with a poll of three choices."""
    poll = NewPoll(
        ["Tea", "Coffee", "Water"], seconds, more.pop("multiple", False), more.pop("hidden", False)
    )
    return post(author, "What?", poll=poll, **more)


def vote(user: User | None, tweet: Tweet, *choices: Any, **headers: str) -> Any:
    """The response to a vote."""
    return Api(user).post(f"/api/polls/{tweet.pk}/votes", {"choices": choices}, **headers)


def poll_of(user: User | None, tweet: Tweet) -> Any:
    """The poll in the JSON of a tweet."""
    return Api(user).get(f"/api/tweets/{tweet.pk}").json()["poll"]


def let_it_end(tweet: Tweet) -> None:
    """Set the end of a poll into the past."""
    Poll.objects.filter(pk=tweet.pk).update(ends_at=timezone.now() - timedelta(seconds=1))


class TestPosting:
    """`poll` in POST /api/tweets."""

    def test_a_tweet_has_a_poll_or_media(self, alice: User) -> None:
        api, media = Api(alice), uploaded(alice)
        both: Any = {"text": "What?", "poll": TEA, "media_ids": [str(media.pk)]}
        due_at = (timezone.now() + timedelta(days=1)).isoformat()
        for path, body, at in (
            ("/api/tweets", both, "poll"),
            ("/api/threads", {"tweets": [{"text": "First."}, both]}, "tweets.1.poll"),
            ("/api/scheduled", {"tweets": [both], "due_at": due_at}, "tweets.0.poll"),
        ):
            answer = api.post(path, body)
            wrong = {at: ["A tweet has a poll or media, not both."]}
            assert (answer.status_code, answer.json()["fields"]) == (400, wrong)
        # A draft keeps what was typed; it is checked when it is posted.
        assert api.post("/api/drafts", {"tweets": [both]}).status_code == 201
        assert api.post("/api/tweets", {**both, "poll": None}).status_code == 201

    def test_it_returns_the_poll_and_needs_no_text(self, alice: User) -> None:
        answer = Api(alice).post("/api/tweets", {"text": "", "poll": {**TEA, "multiple": True}})
        assert answer.status_code == 201
        poll = answer.json()["poll"]
        assert poll == {
            "id": answer.json()["id"],
            "choices": [{"text": "Tea", "votes": 0}, {"text": "Coffee", "votes": 0}],
            "voters": 0,
            "multiple": True,
            "hide_results": False,
            "ends_at": poll["ends_at"],
            "ended": False,
            "viewer": {"voted": False, "choices": []},
        }
        assert Api().get(f"/api/polls/{poll['id']}").json() == {**poll, "viewer": None}

    @pytest.mark.parametrize(
        ("changed", "field"),
        [
            ({"choices": ["Tea"]}, "poll.choices"),
            ({"choices": ["a", "b", "c", "d", "e"]}, "poll.choices"),
            ({"choices": ["Tea", "tea "]}, "poll.choices"),
            ({"choices": ["Tea", " "]}, "poll.choices"),
            ({"choices": ["Tea", "x" * 51]}, "poll.choices"),
            ({"choices": ["Tea", "a\nb"]}, "poll.choices"),
            ({"choices": ["Tea", 5]}, "poll.choices.1"),
            ({"choices": ["Tea", None]}, "poll.choices.1"),
            ({"choices": "Tea"}, "poll.choices"),
            ({"choices": None}, "poll.choices"),
            ({"expires_in": 299}, "poll.expires_in"),
            ({"expires_in": 7 * 24 * HOUR + 1}, "poll.expires_in"),
            ({"expires_in": "3600"}, "poll.expires_in"),
            ({"expires_in": 3600.0}, "poll.expires_in"),
            ({"expires_in": None}, "poll.expires_in"),
            ({"multiple": "yes"}, "poll.multiple"),
            ({"hide_results": 1}, "poll.hide_results"),
        ],
    )
    def test_a_bad_poll_is_refused(self, alice: User, changed: Any, field: str) -> None:
        answer = Api(alice).post("/api/tweets", {"text": "?", "poll": {**TEA, **changed}})
        assert answer.status_code == 400
        assert list(answer.json()["fields"]) == [field]
        assert not Tweet.objects.exists()

    @pytest.mark.parametrize("poll", ["x", [], 5, True])
    def test_what_is_no_poll_is_refused(self, alice: User, poll: Any) -> None:
        assert Api(alice).post("/api/tweets", {"text": "?", "poll": poll}).status_code == 400

    def test_a_poll_cannot_be_edited_but_its_text_may_become_blank(self, alice: User) -> None:
        tweet, api = ask(alice), Api(alice)
        assert api.patch(f"/api/tweets/{tweet.pk}", {"poll": TEA}).status_code == 400
        assert api.patch(f"/api/tweets/{tweet.pk}", {"text": ""}).json()["poll"] is not None


class TestVoting:
    """POST and DELETE /api/polls/{id}/votes."""

    def test_it_counts_once(self, alice: User, bob: User, charlie: User) -> None:
        tweet = ask(alice)
        answer = vote(bob, tweet, 1)
        assert answer.status_code == 200
        assert [choice["votes"] for choice in answer.json()["choices"]] == [0, 1, 0]
        assert answer.json()["viewer"] == {"voted": True, "choices": [1]}
        assert (vote(bob, tweet, 0).status_code, vote(bob, tweet, 1).status_code) == (409, 409)
        vote(charlie, tweet, 1)
        assert poll_of(alice, tweet)["choices"][1]["votes"] == poll_of(None, tweet)["voters"] == 2

    def test_several_choices_where_they_are_allowed(self, alice: User, bob: User) -> None:
        assert vote(bob, ask(alice), 0, 1).status_code == 400
        answer = vote(bob, ask(alice, multiple=True), 2, 0, 2)
        assert [choice["votes"] for choice in answer.json()["choices"]] == [1, 0, 1]
        assert answer.json()["viewer"]["choices"] == [0, 2]

    @pytest.mark.parametrize(
        "body",
        [
            *({}, {"choices": []}, {"choices": None}, {"choices": "0"}, {"choices": 0}),
            *({"choices": [3]}, {"choices": [-1]}, {"choices": ["0"]}, {"choices": [0.5]}),
            *({"choices": [True]}, {"choices": [None]}, {"choices": [10**30]}, []),
        ],
    )
    def test_a_bad_vote_is_refused(self, alice: User, bob: User, body: Any) -> None:
        tweet = ask(alice)
        assert Api(bob).post(f"/api/polls/{tweet.pk}/votes", body).status_code == 400
        assert not PollVote.objects.exists()

    def test_who_may_not_vote(self, alice: User, bob: User, charlie: User) -> None:
        tweet, for_few = ask(alice), ask(alice, visibility="followers")
        assert vote(None, tweet, 0).status_code == 401
        assert vote(alice, tweet, 0).status_code == 403
        assert vote(bob, for_few, 0).status_code == 404
        assert vote(bob, post(alice), 0).status_code == 404
        assert Api(bob).post("/api/polls/x/votes", {"choices": [0]}).status_code == 404
        assert Api(bob).get(f"/api/polls/{for_few.pk}").status_code == 404
        people.block(blocker=bob, blocked=alice)
        assert vote(bob, tweet, 0).status_code == 403
        people.block(blocker=alice, blocked=charlie)
        assert vote(charlie, tweet, 0).status_code == 404
        deleting.delete_tweet(author=alice, tweet_id=tweet.pk)
        assert vote(bob, tweet, 0).status_code == 404

    def test_it_is_over_after_the_end(self, alice: User, bob: User, charlie: User) -> None:
        tweet = ask(alice)
        vote(bob, tweet, 0)
        let_it_end(tweet)
        assert vote(charlie, tweet, 0).json()["error"] == "poll_is_over"
        assert Api(bob).delete(f"/api/polls/{tweet.pk}/votes").status_code == 409
        assert poll_of(None, tweet)["ended"] is True

    def test_hidden_results_are_shown_after_the_end(self, alice: User, bob: User) -> None:
        tweet = ask(alice, hidden=True)
        assert vote(bob, tweet, 0).json()["choices"][0] == {"text": "Tea", "votes": None}
        assert poll_of(alice, tweet)["choices"][0]["votes"] is None
        let_it_end(tweet)
        assert poll_of(alice, tweet)["choices"][0]["votes"] == 1

    def test_a_vote_can_be_taken_back_whatever_became_of_the_author(
        self, alice: User, bob: User
    ) -> None:
        tweet, api = ask(alice), Api(bob)
        vote(bob, tweet, 0)
        people.block(blocker=alice, blocked=bob)
        for _ in range(2):
            assert api.delete(f"/api/polls/{tweet.pk}/votes").status_code == 204
        assert Poll.objects.get().voters == 0
        people.unblock(blocker=alice, blocked=bob)
        answer = api.delete(f"/api/polls/{tweet.pk}/votes")
        assert (answer.status_code, answer.json()["voters"]) == (200, 0)
        assert vote(bob, tweet, 1).status_code == 200
        assert api.delete(f"/api/polls/{post(alice).pk}/votes").status_code == 204

    def test_a_vote_for_a_repost_is_one_for_the_original(
        self, alice: User, bob: User, charlie: User
    ) -> None:
        tweet = ask(alice)
        repost = marks.repost(user=charlie, tweet_id=tweet.pk)
        assert vote(bob, repost, 0).json()["id"] == str(tweet.pk)
        found = Api(bob).get(f"/api/tweets/{repost.pk}").json()
        assert (found["poll"], found["repost_of"]["poll"]["voters"]) == (None, 1)

    @pytest.mark.django_db(transaction=True)
    def test_two_votes_at_once_count_once(self, alice: User, bob: User) -> None:
        tweet = ask(alice)
        answers: list[Any] = at_once([partial(vote, bob, tweet, number % 2) for number in range(6)])
        assert sorted(answer.status_code for answer in answers) == [200, *[409] * 5]
        poll = Poll.objects.get()
        assert (sum(poll.votes), poll.voters, voters(poll_id=tweet.pk)) == (1, 1, [bob.pk])

    @pytest.mark.django_db(transaction=True)
    def test_many_people_vote_at_once(self, alice: User, person: Callable[..., User]) -> None:
        tweet = ask(alice)
        users = [person(f"p{number}") for number in range(8)]
        at_once([partial(vote, user, tweet, number % 3) for number, user in enumerate(users)])
        poll = Poll.objects.get()
        assert (poll.votes, poll.voters) == ([3, 3, 2], 8)


class TestReading:
    """Polls in lists."""

    def test_a_page_takes_one_query_for_all_polls(self, alice: User, bob: User) -> None:
        def queries() -> int:
            with CaptureQueriesContext(
                connection,
            ) as captured:
                answer = Api(bob).get("/api/users/alice/tweets")
            assert all(tweet["poll"] for tweet in answer.json()["results"])
            return len(captured)

        ask(alice)
        few = queries()
        for _ in range(5):
            vote(bob, ask(alice), 1)
        assert queries() == few

    def test_a_page_without_polls_takes_none(self, alice: User, bob: User) -> None:
        post(alice)
        with CaptureQueriesContext(connection) as captured:
            Api(bob).get("/api/users/alice/tweets")
        assert not any("tweets_poll" in query["sql"] for query in captured.captured_queries)

    def test_the_poll_of_a_quoted_tweet_is_shown(self, alice: User, bob: User) -> None:
        quote = post(bob, quote_of_id=ask(alice).pk)
        quoted = Api(alice).get(f"/api/tweets/{quote.pk}").json()["quote_of"]
        assert len(quoted["poll"]["choices"]) == 3


class TestTheEnd:
    """The periodic task."""

    @pytest.fixture(autouse=True)
    def _consumer(self, settings: Settings) -> None:
        routes = {**settings.OUTBOX_ROUTES, "poll.ended": ["tweets.recount_reposters"]}
        settings.OUTBOX_ROUTES = routes

    def ended(self) -> list[int]:
        """The tweets whose poll has ended, by the events."""
        return [e.payload["tweet_id"] for e in Event.objects.filter(topic="poll.ended")]

    def test_it_is_announced_once_and_not_before(self, alice: User) -> None:
        early, late = ask(alice), ask(alice, seconds=2 * HOUR)
        now = timezone.now()
        assert (end_polls(now=now), self.ended()) == (0, [])
        assert end_polls(now=now + timedelta(hours=1, seconds=1)) == 1
        assert end_polls(now=now + timedelta(hours=1, seconds=1)) == 0
        assert self.ended() == [early.pk]
        assert end_polls(now=now + timedelta(days=30)) == 1  # after a long downtime
        assert self.ended() == [early.pk, late.pk]

    @pytest.mark.django_db(transaction=True)
    def test_several_workers_announce_it_once(self, alice: User) -> None:
        tweets = [ask(alice) for _ in range(5)]
        later = timezone.now() + timedelta(days=1)
        ended: list[Any] = at_once([partial(end_polls, now=later)] * 4)
        assert sum(ended) == 5
        assert sorted(self.ended()) == [tweet.pk for tweet in tweets]
