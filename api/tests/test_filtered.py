"""What filters do to the lists that a viewer reads."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from filters.matching import Phrase
from filters.models import Action, Context, Filter
from filters.services import create_filter
from people import services as people
from tests.helpers.api_client import Api
from tests.helpers.pages import page
from tests.helpers.tweets import post
from tweets import marks
from tweets.models import Tweet

WHERE = {"lat": 47.5, "lon": 7.6}


def filters_out(owner: User, *contexts: str, action: str = Action.HIDE, **more: Any) -> Filter:
    """A filter of `owner` for the word goal."""
    phrases = [Phrase("goal", True)]
    return create_filter(
        owner=owner, title="Football", phrases=phrases, contexts=contexts, action=action, **more
    )


def texts(api: Api, path: str) -> list[str]:
    """The texts in a list, originals in place of reposts."""
    rows = api.get(path).json()["results"]
    return [(row.get("tweet") or row["repost_of"] or row)["text"] for row in rows]


@pytest.fixture
def lists(alice: User, bob: User, charlie: User, drain: Callable[..., int]) -> dict[str, str]:
    """The path of a list of each context in which alice finds a tweet of bob about a goal."""
    first = Api(bob).post("/api/tweets", {"text": "kick-off #ball", "location": WHERE}).json()["id"]
    goal = {"text": "a goal! #ball @alice", "reply_to_id": first, "location": WHERE}
    about = Api(bob).post("/api/tweets", goal).json()["id"]
    Api(bob).post("/api/tweets", {"text": "what a GOAL", "quote_of_id": first})
    Api(charlie).put(f"/api/tweets/{about}/like")
    drain()
    return {
        "/api/timelines/public": Context.PUBLIC,
        "/api/timelines/hashtag/ball": Context.PUBLIC,
        "/api/timelines/nearby?lat=47.5&lon=7.6": Context.PUBLIC,
        "/api/search?q=goal": Context.PUBLIC,
        "/api/users/bob/tweets": Context.PROFILE,
        "/api/users/charlie/likes": Context.PROFILE,
        f"/api/tweets/{first}/quotes": Context.THREAD,
        "/api/notifications": Context.NOTIFICATIONS,
    }


def test_a_filter_hides_or_warns_in_its_contexts(alice: User, lists: dict[str, str]) -> None:
    api = Api(alice)
    whole = {path: texts(api, path) for path in lists}
    about_goals = {path: [t for t in found if "goal" in t.lower()] for path, found in whole.items()}
    assert all(about_goals.values())
    for path, tweets in whole.items():
        assert path == "/api/notifications" or texts(Api(), path) == tweets
    for context in Context.values:
        hiding = filters_out(alice, context)
        for path, applies in lists.items():
            left = [t for t in whole[path] if applies != context or t not in about_goals[path]]
            assert texts(api, path) == left, (context, path)
        hiding.delete()
        for action in (Action.WARN, Action.BLUR):
            made = filters_out(alice, context, action=action)
            for path, applies in lists.items():
                rows = api.get(path).json()["results"]
                assert texts(api, path) == whole[path]
                found = [(row.get("tweet") or row)["filtered"] for row in rows]
                marked = [{"id": str(made.pk), "title": "Football", "action": action}]
                expected = [
                    marked if "goal" in t.lower() and applies == context else []
                    for t in whole[path]
                ]
                assert found == expected, (context, action, path)
            made.delete()
    ended = filters_out(alice, *Context.values)
    Filter.objects.filter(pk=ended.pk).update(expires_at=timezone.now() - timedelta(days=1))
    assert {path: texts(api, path) for path in lists} == whole


def test_what_is_hidden_is_no_unread_notification(
    alice: User, bob: User, drain: Callable[..., int]
) -> None:
    api = Api(alice)
    for action, unread in ((Action.HIDE, 0), (Action.WARN, 1), (Action.BLUR, 2)):
        made = filters_out(alice, Context.NOTIFICATIONS, action=action)
        post(bob, "@alice goal")
        drain()
        assert api.get("/api/notifications/unread").json() == {"count": unread}
        made.delete()
    assert len(api.get("/api/notifications").json()["results"]) == 2


def test_threads_leave_out_what_is_around_but_not_what_was_opened(alice: User, bob: User) -> None:
    first = post(bob, "goal")
    second = post(bob, "second", reply_to_id=first.pk)
    third = post(bob, "goal again", reply_to_id=second.pk)
    path = f"/api/tweets/{second.pk}/thread"
    filters_out(alice, Context.THREAD)
    thread = Api(alice).get(path).json()
    assert (thread["ancestors"], thread["replies"]["results"]) == ([], [])
    opened = Api(alice).get(f"/api/tweets/{third.pk}/thread").json()["tweet"]
    assert (opened["text"], opened["filtered"]) == ("goal again", [])
    Filter.objects.update(action=Action.WARN)
    thread = Api(alice).get(path).json()
    assert [len(each["filtered"]) for each in thread["ancestors"]] == [1]
    assert [len(each["filtered"]) for each in thread["replies"]["results"]] == [1]


def test_it_looks_at_originals_and_at_quotes_that_are_shown(
    alice: User, bob: User, charlie: User
) -> None:
    original = post(charlie, "goal")
    marks.repost(user=bob, tweet_id=original.pk)
    post(bob, "look", quote_of_id=original.pk)
    post(bob, "content warning", spoiler="Goal")
    own = post(alice, "my goal")
    marks.repost(user=bob, tweet_id=own.pk)
    api = Api(alice)
    filters_out(alice, Context.PROFILE)
    assert texts(api, "/api/users/bob/tweets") == ["my goal"]
    assert texts(api, "/api/users/alice/tweets") == ["my goal"]
    marks.repost(user=alice, tweet_id=original.pk)
    assert texts(api, "/api/users/alice/tweets") == ["goal", "my goal"]
    # A quote that is not shown says nothing, neither by being there nor by not being there.
    people.block(blocker=charlie, blocked=alice)
    assert texts(api, "/api/users/bob/tweets") == ["my goal", "look"]


def test_filters_take_one_query_however_many_they_are(
    alice: User, bob: User, charlie: User
) -> None:
    def queries(person: User | None, path: str) -> int:
        api = Api(person)
        with CaptureQueriesContext(
            connection,
        ) as made:
            assert api.get(path).status_code == 200
        return len([query for query in made if "filters_filterphrase" in query["sql"]])

    second = post(bob, "second", reply_to_id=post(bob, "goal").pk)
    post(bob, "third", reply_to_id=second.pk)
    for paths in ("/api/timelines/public", f"/api/tweets/{second.pk}/thread"):
        assert queries(None, paths) == 0
        assert queries(charlie, paths) == 0  # who has none
        filters_out(alice, *Context.values)
        filters_out(alice, *Context.values, action=Action.WARN)
        assert queries(alice, paths) == 1


def test_pages_show_a_warning_first(alice: User, bob: User, client: Any) -> None:
    post(bob, "goal")
    client.force_login(alice)
    filters_out(alice, Context.PUBLIC, action=Action.WARN)
    html = page(client.get("/explore"))
    assert "Filtered: Football" in html
    assert "Filtered" not in page(client.get("/@bob"))
    Filter.objects.update(action=Action.HIDE)
    assert f'id="t{Tweet.objects.get().pk}"' not in page(client.get("/explore"))
