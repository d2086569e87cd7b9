"""Polls, conversations, scheduled statuses, filters and suggestions."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from chirp.times import rfc3339
from moderation.models import Report
from moderation.site.models import Rule
from people.services import follow
from tests.helpers.mastodon_client import Mastodon
from tweets.later.scheduling import post_due
from tweets.models import Tweet
from tweets.polls.rules import NewPoll
from tweets.posting import post_tweet

pytestmark = pytest.mark.django_db


def test_votes(alice: User, bob: User) -> None:
    tweet = post_tweet(author=alice, text="?", poll=NewPoll(["a", "b"], 600))
    client, path = Mastodon(bob), f"polls/{tweet.pk}"
    assert client.get(path, "Poll")["voted"] is False
    for choices in ([], ["x"], [7], [0, 1], ["-1"]):
        client.post(f"{path}/votes", "", {"choices": choices}, status=422)
    voted = client.post(f"{path}/votes", "Poll", {"choices": ["1"]})
    assert (voted["own_votes"], voted["votes_count"]) == ([1], 1)
    client.post(f"{path}/votes", "", {"choices": ["0"]}, status=422)
    Mastodon(alice).post(f"{path}/votes", "", {"choices": ["0"]}, status=403)
    assert "voted" not in Mastodon().get(path, "Poll")
    client.get("polls/1", status=404)


def test_conversations(alice: User, bob: User) -> None:
    first = post_tweet(author=bob, text="@alice psst", visibility="direct")
    client = Mastodon(alice)
    (found,) = client.get("conversations", "[Conversation]")
    assert (found["unread"], found["last_status"]["id"]) == (True, str(first.pk))
    assert [each["acct"] for each in found["accounts"]] == ["bob"]
    assert client.post(f"conversations/{found['id']}/read", "Conversation")["unread"] is False
    Mastodon(bob).post(f"conversations/{found['id']}/read", status=404)
    client.delete(f"conversations/{found['id']}", "Empty")
    post_tweet(author=alice, text="note to myself", visibility="direct")
    alone = client.get("conversations?limit=1", "[Conversation]")[0]
    assert [each["acct"] for each in alone["accounts"]] == ["alice"]


def test_scheduled_statuses(alice: User, bob: User) -> None:
    client, at = Mastodon(alice), timezone.now() + timedelta(hours=1)
    body = {
        "status": "later",
        "visibility": "private",
        "scheduled_at": rfc3339(at),
        "poll": {"options": ["a", "b"], "expires_in": 600},
    }
    made = client.post("statuses", "ScheduledStatus", body)
    assert (made["params"]["text"], made["params"]["visibility"]) == ("later", "private")
    assert made["params"]["poll"]["options"] == ["a", "b"]
    assert client.get("scheduled_statuses", "[ScheduledStatus]") == [made]
    path, later = f"scheduled_statuses/{made['id']}", rfc3339(at + timedelta(hours=1))
    moved = client.put(path, "ScheduledStatus", {"scheduled_at": later})
    assert moved["scheduled_at"] == later
    for wrong in ("never", "2020-01-01T00:00:00Z", "2026-99-99T00:00:00Z"):
        client.put(path, "", {"scheduled_at": wrong}, status=422)
        client.post("statuses", "", {**body, "scheduled_at": wrong}, status=422)
    for method in ("get", "put", "delete"):
        Mastodon(bob).send(method, path, status=404)
    post_due(now=at + timedelta(hours=2))
    assert Tweet.objects.get().visibility == "followers"
    client.get(path, status=404)
    again = client.post("statuses", "ScheduledStatus", body)
    client.delete(f"scheduled_statuses/{again['id']}", "Empty")
    assert client.get("scheduled_statuses") == []


def test_filters(alice: User, bob: User) -> None:
    client = Mastodon(alice)
    assert client.get("/api/v2/filters") == []
    body = {
        "title": "Fruit",
        "context": ["public", "account"],
        "expires_in": 3600,
        "keywords_attributes": [{"keyword": "banana", "whole_word": True}, {"keyword": "kiwi"}],
    }
    made = client.post("/api/v2/filters", "Filter", body)
    assert (made["context"], made["filter_action"]) == (["public", "account"], "warn")
    post_tweet(author=bob, text="a banana")
    (seen,) = client.get("timelines/public", "[Status]")
    assert seen["filtered"][0]["filter"]["id"] == made["id"]
    assert seen["filtered"][0]["filter"]["context"] == made["context"]

    path = f"/api/v2/filters/{made['id']}"
    banana, kiwi = made["keywords"]
    changes = {
        "filter_action": "hide",
        "expires_in": "",
        "keywords_attributes": [
            {"id": kiwi["id"], "_destroy": True},
            {"id": banana["id"], "keyword": "bananas"},
            {"keyword": "a banana"},
        ],
    }
    changed = client.put(path, "Filter", changes)
    assert changed["expires_at"] is None
    assert [each["keyword"] for each in changed["keywords"]] == ["bananas", "a banana"]
    assert client.get("timelines/public") == []
    added = client.post(f"{path}/keywords", "", {"keyword": "plum"})
    one = f"/api/v2/filters/keywords/{added['id']}"
    assert client.get(one) == added
    renamed = client.put(one, "", {"keyword": "plums", "whole_word": "true"})
    assert renamed == {"id": added["id"], "keyword": "plums", "whole_word": True}
    client.delete(f"/api/v2/filters/keywords/{renamed['id']}", "Empty")
    assert len(client.get(f"{path}/keywords")) == 2

    old = client.get("filters")
    assert [each["phrase"] for each in old] == ["bananas", "a banana"]
    assert old[0]["irreversible"] is True
    for method in ("get", "put", "delete"):
        Mastodon(bob).send(method, path, status=404)
        Mastodon(bob).send(method, f"filters/{old[0]['id']}", status=404)
    client.delete(f"filters/{old[0]['id']}", "Empty")
    client.delete(path, "Empty")
    assert client.get("/api/v2/filters") == []
    for wrong in (
        {**body, "context": ["everywhere"]},
        {**body, "context": []},
        {**body, "filter_action": "explode"},
        {**body, "keywords_attributes": []},
        {**body, "title": "x" * 200},
    ):
        client.post("/api/v2/filters", "", wrong, status=422)
    single = client.post("filters", "", {"phrase": "x", "context": ["home"], "irreversible": True})
    renamed = client.put(f"filters/{single['id']}", "", {"phrase": "y"})
    assert (renamed["id"], renamed["phrase"]) == (single["id"], "y")


def test_a_filter_that_blurs(alice: User, bob: User) -> None:
    client = Mastodon(alice)
    body = {
        "title": "Fruit",
        "context": ["public"],
        "filter_action": "blur",
        "keywords_attributes": [{"keyword": "banana"}],
    }
    made = client.post("/api/v2/filters", "Filter", body)
    assert made["filter_action"] == "blur"
    plain = post_tweet(author=bob, text="a pear")
    quoting = post_tweet(author=bob, text="a banana", quote_of_id=plain.pk)
    about = {each["id"]: each for each in client.get("timelines/public", "[Status]")}
    (found,) = about[str(quoting.pk)]["filtered"]
    assert (found["filter"]["id"], found["filter"]["filter_action"]) == (made["id"], "blur")
    # Apps cover the media of each status by its own filters.
    assert about[str(quoting.pk)]["quote"]["quoted_status"]["filtered"] == [found]
    assert about[str(plain.pk)]["filtered"] == []
    (old,) = client.get("filters")
    assert old["irreversible"] is False
    same = client.put(f"filters/{old['id']}", "", {"phrase": "bananas"})
    assert same["irreversible"] is False
    path = f"/api/v2/filters/{made['id']}"
    assert client.get(path)["filter_action"] == "blur"
    assert client.put(path, "Filter", {"filter_action": "warn"})["filter_action"] == "warn"


def test_suggestions(alice: User, bob: User, charlie: User) -> None:
    follow(follower=alice, followee=bob)
    follow(follower=bob, followee=charlie)
    (found,) = Mastodon(alice).get("/api/v2/suggestions", "[Suggestion]")
    assert (found["account"]["acct"], found["sources"]) == ("charlie", ["friends_of_friends"])
    assert len(Mastodon(alice).get("suggestions", "[Account]")) == 1


def test_reports(alice: User, bob: User) -> None:
    client, tweet = Mastodon(alice), post_tweet(author=bob, text="buy this")
    rule = Rule.objects.create(text="Be kind.", position=1)
    sent = {
        "account_id": str(bob.pk),
        "status_ids": [str(tweet.pk)],
        "comment": "Spam!",
        "rule_ids": [str(rule.pk)],
        "forward": True,
    }
    made = client.post("reports", "Report", sent)
    assert (made["category"], made["comment"]) == ("violation", "Spam!")
    assert made["target_account"]["acct"] == "bob"
    assert (made["status_ids"], made["rule_ids"]) == ([str(tweet.pk)], [str(rule.pk)])
    assert Report.objects.get().tweets.get().text == "buy this"
    for category in ("spam", "legal", "other"):
        body = {"account_id": bob.pk, "category": category}
        assert client.post("reports/", "Report", body)["category"] == category
    own = post_tweet(author=alice, text="mine")
    for wrong in (
        {"account_id": alice.pk},
        {**sent, "status_ids": [own.pk]},
        {**sent, "rule_ids": ["999"]},
        {**sent, "category": "nonsense"},
        {**sent, "comment": "x" * 1001},
    ):
        client.post("reports", "", wrong, status=422)
    client.post("reports", "", {"account_id": "0"}, status=404)
    client.post("reports", "", {}, status=400)
    Mastodon(alice, scopes=["read"]).post("reports", "", sent, status=403)
    assert Report.objects.count() == 4
