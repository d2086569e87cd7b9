"""Drafts and scheduled tweets through the API, and their delivery."""

import os
import signal
import sys
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from accounts.models import User
from people import services as people
from tests.helpers.api_client import Api
from tests.helpers.tweets import at_once, post
from tweets import deleting, tasks
from tweets.later import drafts, scheduling
from tweets.later.models import Draft, ScheduledTweet
from tweets.later.scheduling import post_due
from tweets.models import Tweet
from tweets.polls.models import Poll

pytestmark = pytest.mark.django_db
FULL = {
    "text": "Hello",
    "visibility": "followers",
    "sensitive": True,
    "spoiler": "Careful",
    "language": "en",
    "location": {"lat": 52.5, "lon": 13.25, "name": "Berlin", "exact": False},
    "poll": {"expires_in": 3600, "choices": ["a", "b"], "multiple": True, "hide_results": False},
    "replies_from": "nobody",
    "quotes_from": "followers",
}


def soon(**delay: int) -> datetime:
    """A time from now, in an hour by default."""
    return timezone.now() + timedelta(**delay or {"hours": 1})


def schedule(user: User | None, *tweets: Any, due_at: Any = None, **headers: str) -> Any:
    """The response to a POST of a scheduled tweet, which is due in an hour."""
    due_at = soon().isoformat() if due_at is None else due_at
    body = {"due_at": due_at, "tweets": tweets or [{"text": "Later"}]}
    return Api(user).post("/api/scheduled", body, **headers)


def texts() -> list[str]:
    """The texts of all tweets, oldest first."""
    return list(Tweet.objects.order_by("pk").values_list("text", flat=True))


class TestDrafts:
    """/api/drafts."""

    def test_they_are_kept_as_they_were_typed(self, alice: User) -> None:
        api = Api(alice)
        thread = [{**FULL, "text": "x" * 600, "quote_of_id": "5"}, {"text": " two "}]
        answer = api.post("/api/drafts", {"tweets": thread})
        assert (answer.status_code, answer.json()["tweets"]) == (201, thread)
        path = f"/api/drafts/{answer.json()['id']}"
        assert api.get(path).json() == answer.json()
        changed = api.put(path, {"tweets": [{"text": "Shorter"}]})
        assert (changed.status_code, changed.json()["tweets"]) == (200, [{"text": "Shorter"}])
        listed = api.get("/api/drafts").json()["results"]
        assert [draft["id"] for draft in listed] == [answer.json()["id"]]
        assert [api.delete(path).status_code for _ in range(2)] == [204, 204]
        assert api.get(path).status_code == 404
        assert texts() == []

    @pytest.mark.parametrize(
        "body",
        [
            *({}, [], {"tweets": None}, {"tweets": []}, {"tweets": [{}]}, {"tweets": ["x"]}),
            *({"tweets": [{"text": " "}]}, {"tweets": [{"text": 5}]}, {"tweets": {"text": "x"}}),
            {"tweets": [{"text": "x" * 5000}]},
            {"tweets": [{"text": "a\x00b"}]},
            {"tweets": [{"text": "x", "visibility": "friends"}]},
            {"tweets": [{"text": "x", "poll": {"choices": ["a"]}}]},
            {"tweets": [{"text": "x"}] * 26},
        ],
    )
    def test_what_is_no_draft_is_refused(self, alice: User, body: Any) -> None:
        assert Api(alice).post("/api/drafts", body).status_code == 400
        draft = drafts.create_draft(user=alice, tweets=[{"text": "x"}])
        assert Api(alice).put(f"/api/drafts/{draft.pk}", body).status_code == 400

    def test_those_of_others_are_not_there(self, alice: User, bob: User) -> None:
        path = f"/api/drafts/{drafts.create_draft(user=alice, tweets=[{'text': 'x'}]).pk}"
        new = {"tweets": [{"text": "y"}]}
        assert Api(bob).get(path).status_code == 404
        assert Api(bob).put(path, new).status_code == 404
        assert Api(bob).delete(path).status_code == 204
        assert Api(bob).get("/api/drafts").json()["results"] == []
        assert Draft.objects.get().content == [{"text": "x"}]
        assert Api().get("/api/drafts").status_code == 401
        assert Api().post("/api/drafts", new).status_code == 401
        assert Api(alice).get("/api/drafts/x").status_code == 404

    @pytest.mark.django_db(transaction=True)
    def test_there_are_at_most_so_many_also_at_once(
        self, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(drafts, "MAX_DRAFTS", 3)
        new = {"tweets": [{"text": "x"}]}
        answers: list[Any] = at_once([lambda: Api(alice).post("/api/drafts", new)] * 5)
        assert sorted(answer.status_code for answer in answers) == [201, 201, 201, 409, 409]


class TestScheduling:
    """/api/scheduled."""

    def test_it_is_kept_and_changed(self, alice: User) -> None:
        due_at = soon(minutes=90).replace(microsecond=0)
        answer = schedule(alice, FULL, due_at=due_at.isoformat())
        assert (answer.status_code, answer.json()["tweets"]) == (201, [FULL])
        assert datetime.fromisoformat(answer.json()["due_at"]) == due_at
        path, api = f"/api/scheduled/{answer.json()['id']}", Api(alice)
        assert api.get(path).json() == answer.json()
        later = (due_at + timedelta(days=1)).isoformat()
        changed = api.patch(path, {"due_at": later}).json()
        assert (datetime.fromisoformat(changed["due_at"]), changed["tweets"]) == (
            *(due_at + timedelta(days=1), [FULL]),
        )
        changed = api.patch(path, {"tweets": [{"text": "New"}]}).json()
        assert (changed["tweets"], datetime.fromisoformat(changed["due_at"])) == (
            *([{"text": "New"}], due_at + timedelta(days=1)),
        )
        listed = api.get("/api/scheduled").json()["results"]
        assert listed == [changed]
        assert [api.delete(path).status_code for _ in range(2)] == [204, 204]
        assert api.get(path).status_code == 404
        alice.refresh_from_db()
        assert (texts(), alice.tweets_count) == ([], 0)

    @pytest.mark.parametrize(
        "due_at",
        [
            *("", "x", 5, [], {}, "2026-11-28", "2099-01-01T00:00:00Z", "2020-01-01T00:00:00Z"),
            *("2099-01-01T00:00:00", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00"),
        ],
    )
    def test_a_bad_time_is_refused(self, alice: User, due_at: Any) -> None:
        answer = schedule(alice, due_at=due_at)
        assert (answer.status_code, list(answer.json()["fields"])) == (400, ["due_at"])
        kept = scheduling.schedule(user=alice, tweets=[{"text": "x"}], due_at=soon())
        answer = Api(alice).patch(f"/api/scheduled/{kept.pk}", {"due_at": due_at})
        assert answer.status_code == 400

    def test_it_is_checked_as_a_tweet(self, alice: User, bob: User) -> None:
        assert schedule(alice, {"text": "x" * 501}).status_code == 400
        assert schedule(alice, {}).status_code == 400
        assert schedule(alice, {"text": "x", "reply_to_id": "5"}).status_code == 400
        closed = post(bob, replies_from="nobody")
        refused = schedule(alice, {"text": "x", "reply_to_id": str(closed.pk)})
        assert refused.status_code == 403
        assert list(refused.json()["fields"]) == ["tweets.0.reply_to_id"]
        kept = scheduling.schedule(user=alice, tweets=[{"text": "x"}], due_at=soon())
        path = f"/api/scheduled/{kept.pk}"
        assert Api(alice).patch(path, {"tweets": [{"text": " "}]}).status_code == 400
        assert Api(alice).patch(path, {"tweets": None}).status_code == 400
        assert Api(alice).post("/api/scheduled", {"tweets": [{"text": "x"}]}).status_code == 400

    def test_those_of_others_are_not_there(self, alice: User, bob: User) -> None:
        path = f"/api/scheduled/{schedule(alice).json()['id']}"
        assert Api(bob).get(path).status_code == 404
        assert Api(bob).patch(path, {"tweets": [{"text": "y"}]}).status_code == 404
        assert Api(bob).delete(path).status_code == 204
        assert Api(bob).get("/api/scheduled").json()["results"] == []
        assert ScheduledTweet.objects.count() == 1
        assert Api().get("/api/scheduled").status_code == 401
        assert schedule(None).status_code == 401

    def test_a_repeated_request_schedules_once(self, alice: User) -> None:
        body = {"due_at": soon().isoformat(), "tweets": [{"text": "x"}]}
        key = {"Idempotency-Key": "k"}
        answers = [Api(alice).post("/api/scheduled", body, **key).json() for _ in range(2)]
        assert answers[0] == answers[1]
        assert ScheduledTweet.objects.count() == 1

    @pytest.mark.django_db(transaction=True)
    def test_there_are_at_most_so_many_also_at_once(
        self, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(scheduling, "MAX_SCHEDULED", 3)
        answers: list[Any] = at_once([partial(schedule, alice)] * 5)
        assert sorted(answer.status_code for answer in answers) == [201, 201, 201, 409, 409]


class TestDelivery:
    """scheduling.post_due, which the periodic task calls."""

    def test_it_is_posted_when_it_is_due_and_once(self, alice: User) -> None:
        schedule(alice, FULL, {"text": "And more"})
        assert (post_due(now=soon(minutes=59)), texts()) == (0, [])
        assert (post_due(now=soon(minutes=61)), texts()) == (1, ["Hello", "And more"])
        assert post_due(now=soon(minutes=61)) == 0
        first, second = Tweet.objects.order_by("pk")
        assert (second.reply_to_id, first.visibility, first.place) == (
            *(first.pk, "followers", "Berlin"),
        )
        assert Poll.objects.get().multiple is True
        assert not ScheduledTweet.objects.exists()

    def test_after_a_downtime_all_come_in_their_order(self, alice: User) -> None:
        for hours in (3, 1, 2):
            schedule(alice, {"text": str(hours)}, due_at=soon(hours=hours).isoformat())
        ScheduledTweet.objects.update(due_at=timezone.now())
        for row, text in zip(ScheduledTweet.objects.order_by("pk"), ("3", "1", "2"), strict=True):
            ScheduledTweet.objects.filter(pk=row.pk).update(
                due_at=timezone.now() - timedelta(days=9 - int(text))
            )
        tasks.post_scheduled()
        assert texts() == ["1", "2", "3"]

    @pytest.mark.parametrize("why", ["deleted", "blocked", "suspended"])
    def test_what_is_refused_becomes_a_draft(self, alice: User, bob: User, why: str) -> None:
        parent = post(bob)
        schedule(alice, {"text": "x", "reply_to_id": str(parent.pk)}, {"text": "y"})
        if why == "deleted":
            deleting.delete_tweet(author=bob, tweet_id=parent.pk)
        elif why == "blocked":
            people.block(blocker=bob, blocked=alice)
        else:
            User.objects.filter(pk=alice.pk).update(suspended_at=timezone.now())
        assert post_due(now=soon(hours=2)) == 1
        assert texts() == ["hello"]
        assert not ScheduledTweet.objects.exists()
        draft = Draft.objects.get()
        expected = {"suspended": "Your account was not active at that time."}
        assert draft.reason == expected.get(why, "There is no such tweet.")
        assert [tweet["text"] for tweet in draft.content] == ["x", "y"]

    def test_one_that_fails_does_not_stop_the_others(
        self, alice: User, caplog: pytest.LogCaptureFixture
    ) -> None:
        schedule(alice, {"text": "broken"})
        ScheduledTweet.objects.update(content=[{"no": "text"}])
        schedule(alice, {"text": "fine"})
        assert post_due(now=soon(hours=2)) == 1
        assert texts() == ["fine"]
        assert "could not be posted" in caplog.text
        assert ScheduledTweet.objects.count() == 1

    @pytest.mark.django_db(transaction=True)
    def test_several_workers_post_it_once(self, alice: User) -> None:
        for number in range(5):
            schedule(alice, {"text": str(number)})
        posted: list[Any] = at_once([partial(post_due, now=soon(hours=2))] * 4)
        assert sum(posted) == 5
        assert sorted(texts()) == ["0", "1", "2", "3", "4"]

    @pytest.mark.django_db(transaction=True)
    def test_a_worker_that_is_killed_half_way_posts_nothing(self, alice: User) -> None:
        schedule(alice, {"text": "Once"})
        connections.close_all()
        child = os.fork()
        if child == 0:
            _die_before_the_commit()
        _, status = os.waitpid(child, 0)
        assert os.WTERMSIG(status) == signal.SIGKILL
        assert texts() == []
        assert post_due(now=soon(hours=2)) == 1
        assert texts() == ["Once"]

    def test_a_change_in_time_counts(self, alice: User) -> None:
        id_ = schedule(alice).json()["id"]
        Api(alice).patch(f"/api/scheduled/{id_}", {"due_at": soon(hours=5).isoformat()})
        assert post_due(now=soon(hours=2)) == 0


def _die_before_the_commit() -> None:
    """Post what is due, and kill this process when the row is about to be deleted."""
    try:
        ScheduledTweet.delete = lambda *_: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[assignment, method-assign]
        post_due(now=soon(hours=2))
    finally:
        sys.stdout.flush()
        os._exit(1)
