"""Reports, strikes and appeals through the API."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from moderation import deciding
from moderation.models import Action, Case, Report, ReportedTweet
from people import services as people
from search.tasks import index_new_people
from tests.helpers.api_client import Api
from tests.helpers.moderation import decided
from tests.helpers.notifications import notices
from tests.helpers.tweets import at_once, post
from tweets import deleting, editing


def report(api: Api, *tweet_ids: int, **more: Any) -> Any:
    """The response to a report of tweets."""
    ids = {"tweet_ids": [str(id_) for id_ in tweet_ids]} if tweet_ids else {}
    return api.post("/api/reports", {"category": "spam", **ids, **more})


def test_a_report_keeps_the_tweets_as_they_were(alice: User, bob: User, warden: User) -> None:
    api, first, second = Api(bob), post(alice, "buy this"), post(alice, "@bob buy that")
    answer = report(api, first.pk, comment=" Spam! ", rule_ids=["3", "1", "3"])
    assert answer.status_code == 201
    body = answer.json()
    assert body["handle"] == "alice"
    assert (body["comment"], body["rule_ids"], body["state"]) == ("Spam!", ["1", "3"], "open")
    editing.edit_tweet(author=alice, tweet_id=first.pk, text="nothing to see")
    again = report(api, first.pk, second.pk, handle="ALICE", comment="Again.").json()
    assert (again["id"], again["comment"]) == (body["id"], "Spam!\n\nAgain.")
    assert again["tweet_ids"] == [str(first.pk), str(second.pk)]
    deleting.delete_tweet(author=alice, tweet_id=second.pk)
    kept = ReportedTweet.objects.order_by("tweet_id").values_list("text", flat=True)
    assert list(kept) == ["buy this", "@bob buy that"]
    assert api.get("/api/reports").json()["results"] == [again]
    assert Api(alice).get("/api/reports").json()["results"] == []
    decided(Case.objects.get(), warden, Action.DISMISS)
    assert api.get("/api/reports").json()["results"][0]["state"] == "dismissed"
    assert report(api, first.pk).json()["id"] != body["id"]
    decided(Case.objects.get(closed_at=None), warden, Action.WARN)
    assert api.get("/api/reports").json()["results"][0]["state"] == "acted"


def test_only_what_the_reporter_sees_can_be_reported(alice: User, bob: User, charlie: User) -> None:
    direct = post(alice, "@bob psst", visibility="direct")
    followers = post(alice, "for followers", visibility="followers")
    api, foreign = Api(bob), post(charlie, "me")
    for ids in ((followers.pk,), (1,), (foreign.pk, direct.pk)):
        refused = report(api, *ids)
        assert (refused.status_code, list(refused.json()["fields"])) == (400, ["tweet_ids"])
    assert report(api, foreign.pk, handle="alice").status_code == 400
    assert report(Api(charlie), direct.pk).status_code == 400
    assert report(api, direct.pk).status_code == 201
    people.follow(follower=bob, followee=alice)
    assert report(api, followers.pk).status_code == 201
    texts = set(ReportedTweet.objects.values_list("text", flat=True))
    assert texts == {"@bob psst", "for followers"}
    assert report(Api(alice), handle="alice").json()["error"] == "yourself"
    assert report(api, handle="nobody").status_code == 404
    assert report(Api(), handle="alice").status_code == 401


def test_bad_reports_are_refused(alice: User, bob: User) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"category": "ugly"}, "category"),
        ({"category": None}, "category"),
        ({"comment": "x" * 1001}, "comment"),
        ({"comment": "x\u202e"}, "comment"),
        ({"comment": 5}, "comment"),
        ({"tweet_ids": "1"}, "tweet_ids"),
        ({"tweet_ids": [1]}, "tweet_ids.0"),
        ({"tweet_ids": [str(id_) for id_ in range(1, 22)]}, "tweet_ids"),
        ({"rule_ids": ["x"]}, "rule_ids.0"),
        ({"handle": None}, "handle"),
    ]
    for changes, field in wrong:
        answer = Api(bob).post("/api/reports", {"handle": "alice", "category": "spam", **changes})
        assert answer.status_code == 400, changes
        assert field.partition(".")[0] in " ".join(answer.json()["fields"]), changes
    nothing = Api(bob).post("/api/reports", {"category": "spam"})
    assert (nothing.status_code, list(nothing.json()["fields"])) == (400, ["handle"])
    assert not Report.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_reports_at_once_are_one_case(alice: User, bob: User, charlie: User) -> None:
    id_ = post(alice, "buy").pk
    calls = [lambda who=who: report(Api(who), id_).status_code for who in (bob, bob, charlie)]
    assert at_once(calls) == [201] * 3
    assert (Case.objects.count(), Report.objects.count()) == (1, 2)
    assert ReportedTweet.objects.count() == 2


def test_the_list_of_reports_takes_as_many_queries_for_many(
    person: Callable[..., User],
    bob: User,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    api = Api(bob)
    for number in range(6):
        report(api, post(person(f"p{number}"), "buy").pk)
    with django_assert_max_num_queries(4):
        assert len(api.get("/api/reports").json()["results"]) == 6


def test_reports_have_a_limit_of_their_own(alice: User, bob: User, settings: Any) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "report": (1, 60)}
    answer = report(Api(bob), handle="alice")
    assert (answer.status_code, answer["RateLimit"]) == (201, '"report";r=0;t=60')
    refused = report(Api(bob), handle="alice")
    assert refused.status_code == 429
    assert refused["Retry-After"]
    assert Api(bob).get("/api/reports").status_code == 200


def test_strikes_and_one_appeal_for_each(alice: User, bob: User, warden: User) -> None:
    tweet = post(alice, "buy")
    report(Api(bob), tweet.pk)
    strike = decided(Case.objects.get(), warden, Action.REMOVE, tweet.pk)
    api, where = Api(alice), f"/api/me/strikes/{strike}/appeal"
    assert api.get(f"/api/tweets/{tweet.pk}").status_code == 404
    (shown,) = api.get("/api/me/strikes").json()["results"]
    assert (shown["action"], shown["reason"], shown["appeal"]) == ("remove", "Buy nothing", None)
    assert shown["tweet_ids"] == [str(tweet.pk)]
    assert Api(bob).get("/api/me/strikes").json()["results"] == []
    for text in ("", " \u200b", "x" * 2001, None, 5):
        assert api.post(where, {"text": text}).status_code == 400, text
    assert Api(bob).post(where, {"text": "Mine"}).status_code == 404
    assert Api().post(where, {"text": "Mine"}).status_code == 401
    assert api.post("/api/me/strikes/999/appeal", {"text": "Why"}).status_code == 404
    made = api.post(where, {"text": "It is art."})
    assert (made.status_code, made.json()["appeal"]["accepted"]) == (201, None)
    assert api.post(where, {"text": "Please"}).json()["error"] == "already_appealed"
    deciding.lift(strike_id=strike, by=warden, now=timezone.now())
    assert api.get(f"/api/tweets/{tweet.pk}").status_code == 200
    assert ["Buy nothing" in note for note in notices(alice)] == [False, True]


def test_a_limited_account_is_found_by_its_followers_only(
    alice: User, bob: User, charlie: User, warden: User, drain: Callable[..., int]
) -> None:
    people.follow(follower=bob, followee=alice)
    Api(charlie).put("/api/hashtags/corn/follow")
    tweet = post(alice, "@charlie popped #corn")
    drain()
    index_new_people()
    places = ("timelines/public", "timelines/hashtag/corn", "search?q=popped", "timelines/home")
    found = "search?q=alice&type=users"
    case = deciding.begin_case(account=alice)
    strike = decided(case, warden, Action.LIMIT)
    for api, sees in ((Api(bob), True), (Api(charlie), False), (Api(alice), True)):
        for place in (*places, found):
            got = bool(api.get(f"/api/{place}").json()["results"])
            # Who is mentioned finds the tweet by search all the same.
            assert got == (sees or place == "search?q=popped"), (place, sees)
        assert api.get(f"/api/tweets/{tweet.pk}").status_code == 200
        assert api.get("/api/users/alice/tweets").json()["results"]
    assert not Api().get("/api/search?q=popped").json()["results"]
    post(alice, "@charlie again")
    drain()
    assert len(Api(charlie).get("/api/notifications").json()["results"]) == 1
    deciding.lift(strike_id=strike, by=warden, now=timezone.now())
    for place in (*places, found):
        assert Api(charlie).get(f"/api/{place}").json()["results"], place
