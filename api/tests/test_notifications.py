"""Notifications, requests, settings and read positions through the API."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from chirp.ids import MAX_ID
from notifications import services
from notifications.models import Request
from people import services as people
from people.profile import update_profile
from tests.helpers.api_client import Api
from tests.helpers.tweets import post
from tweets import marks
from tweets.deleting import delete_tweet

pytestmark = pytest.mark.django_db
PATH = "/api/notifications"
UNREAD = "/api/notifications/unread"
READ = "/api/notifications/read"
REQUESTS = "/api/notifications/requests"
SETTINGS = "/api/me/notification-settings"
Drain = Callable[..., int]


def kinds(answer: Any) -> list[str]:
    """The kinds on a page."""
    assert answer.status_code == 200, answer.content
    return [entry["kind"] for entry in answer.json()["results"]]


def unread(api: Api) -> int:
    """The unread count."""
    count: int = api.get(UNREAD).json()["count"]
    return count


def test_a_group_has_its_count_actors_and_tweet(
    alice: User, bob: User, charlie: User, drain: Drain
) -> None:
    tweet = post(alice, "hello")
    people.follow(follower=alice, followee=bob)
    for user in (bob, charlie):
        marks.like(user=user, tweet_id=tweet.pk)
    drain()
    answer = Api(alice).get(PATH).json()
    (group,) = answer["results"]
    assert [actor["handle"] for actor in group.pop("actors")] == ["charlie", "bob"]
    assert group.pop("tweet")["text"] == "hello"
    assert group.pop("latest_at").endswith("Z")
    assert int(group.pop("latest_id")) > 0
    assert group.pop("id").isdigit()
    assert group == {"kind": "like", "count": 2, "note": "", "unread": True}
    assert (answer["next"], answer["previous"]) == (None, None)
    assert kinds(Api(bob).get(PATH)) == ["follow"]


def test_the_list_is_paged_and_can_be_limited_to_kinds(
    alice: User, bob: User, drain: Drain
) -> None:
    for number in range(5):
        post(bob, f"@alice {number}")
    people.follow(follower=bob, followee=alice)
    drain()
    api = Api(alice)
    texts, url = [], f"{PATH}?limit=2&kinds=mention,reply"
    while url:
        answer = api.get(url.removeprefix("http://testserver")).json()
        texts += [entry["tweet"]["text"] for entry in answer["results"]]
        url = answer["next"]
    assert texts == [f"@alice {number}" for number in (4, 3, 2, 1, 0)]
    assert kinds(api.get(f"{PATH}?kinds=follow")) == ["follow"]
    for bad in ("likes", "", "like,", "like,,reply", "LIKE"):
        refused = api.get(f"{PATH}?kinds={bad}")
        assert (refused.status_code, list(refused.json()["fields"])) == (400, ["kinds"])
    assert api.get(f"{PATH}?cursor=x").status_code == 400


def test_the_number_of_queries_does_not_depend_on_the_page(
    alice: User, person: Callable[[str], User], drain: Drain
) -> None:
    def measure() -> tuple[int, int]:
        drain()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            found = len(Api(alice).get(f"{PATH}?limit=50").json()["results"])
        return found, len(queries)

    people_ = [person(f"person{number}") for number in range(3)]
    for user in people_:
        post(user, "@alice hi", quote_of_id=post(alice).pk)
    found, queries = measure()
    for number in range(12):
        tweet = post(alice, f"tweet {number}")
        for user in people_:
            marks.like(user=user, tweet_id=tweet.pk)
    more, as_many = measure()
    assert (found, more) == (3, 15)
    assert queries == as_many


def test_the_unread_count_needs_one_query_and_is_bounded(
    alice: User, bob: User, drain: Drain
) -> None:
    for reference in range(1, 103):
        services.moderated(recipient_id=alice.pk, reference=reference, note="Careful.")
    api = Api(alice)
    api.get(UNREAD)
    with CaptureQueriesContext(connection) as queries:
        assert unread(api) == 100
    assert len([q for q in queries if "notifications_" in q["sql"]]) == 1


def test_notifications_are_read_up_to_a_point(alice: User, bob: User, drain: Drain) -> None:
    for number in range(3):
        post(bob, f"@alice {number}")
    drain()
    api = Api(alice)
    entries = api.get(PATH).json()["results"]
    assert unread(api) == 3  # reading the list changes nothing
    read = api.post(READ, {"up_to": entries[1]["latest_id"]})
    assert (read.status_code, read.json()) == (200, {"count": 1})
    assert [e["unread"] for e in api.get(PATH).json()["results"]] == [True, False, False]
    assert api.post(READ, {"up_to": entries[2]["latest_id"]}).json() == {"count": 1}
    assert api.post(READ, {"up_to": str(MAX_ID)}).json() == {"count": 0}
    post(bob, "@alice later")  # a point beyond the latest one is not a point in the future
    drain()
    assert unread(api) == 1
    assert api.post(READ, {}).json() == {"count": 0}


@pytest.mark.parametrize("up_to", [1, "x", "", [], "-1", 1.5, True, "9" * 30])
def test_a_bad_point_is_refused(alice: User, up_to: object) -> None:
    refused = Api(alice).post(READ, {"up_to": up_to})
    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["up_to"])


def test_what_is_hidden_at_once_is_not_unread_either(
    alice: User, bob: User, charlie: User, drain: Drain
) -> None:
    mention = post(bob, "@alice")
    post(charlie, "@alice")
    drain()
    api = Api(alice)
    assert unread(api) == 2
    people.mute(muter=alice, muted=charlie)
    assert (unread(api), len(kinds(api.get(PATH)))) == (1, 1)
    delete_tweet(author=bob, tweet_id=mention.pk)
    assert (unread(api), kinds(api.get(PATH))) == (0, [])


def test_a_group_whose_newest_actors_are_hidden_names_the_next(
    alice: User, bob: User, person: Callable[..., User], drain: Drain
) -> None:
    tweet, other = post(alice), post(alice, "other")
    marks.like(user=bob, tweet_id=tweet.pk)
    loud = [person(f"loud{number}") for number in range(6)]
    for user in loud:
        marks.like(user=user, tweet_id=tweet.pk)
        marks.like(user=user, tweet_id=other.pk)
    drain()
    api = Api(alice)
    assert unread(api) == 2
    for user in loud[1:]:  # all that are named; nothing of it is retracted before tasks run
        people.block(blocker=alice, blocked=user)
    update_profile(user=loud[0], changes={"private": True})
    with CaptureQueriesContext(connection) as queries:
        assert unread(api) == 1
        (entry,) = api.get(PATH).json()["results"]
    assert [actor["handle"] for actor in entry["actors"]] == ["bob"]
    assert (entry["count"], entry["tweet"]["id"], entry["unread"]) == (1, str(tweet.pk), True)
    assert len([q for q in queries if "notifications_notification" in q["sql"]]) <= 2
    api.post(READ, {})
    assert [e["unread"] for e in api.get(PATH).json()["results"]] == [False]
    drain()
    assert [e["count"] for e in api.get(PATH).json()["results"]] == [1]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("get", PATH), ("get", UNREAD), ("post", READ), ("get", REQUESTS)),
        *(("put", f"{REQUESTS}/bob"), ("delete", f"{REQUESTS}/bob")),
        *(("get", "/api/markers/home"), ("put", "/api/markers/home")),
        *(("get", SETTINGS), ("patch", SETTINGS)),
    ],
)
def test_anonymous_visitors_have_none_of_it(db: None, method: str, path: str) -> None:
    assert Api().request(method, path).status_code == 401


# --- Markers -------------------------------------------------------------------------------------


def test_a_marker_only_goes_back_when_asked(alice: User, bob: User) -> None:
    api, path = Api(alice), "/api/markers/home"
    unset = {"name": "home", "last_read_id": None, "version": 0, "updated_at": None}
    assert api.get(path).json() == unset
    older, newer = str(post(alice).pk), str(post(alice).pk)
    assert api.put(path, {"last_read_id": newer}).json()["last_read_id"] == newer
    kept = api.put(path, {"last_read_id": older}).json()
    assert (kept["last_read_id"], kept["version"]) == (newer, 1)
    back = api.put(path, {"last_read_id": older, "back": True}).json()
    assert (back["last_read_id"], back["version"]) == (older, 2)
    assert api.get(path).json() == back
    assert Api(bob).get(path).json() == unset


def test_the_marker_of_notifications_is_the_read_position(
    alice: User, bob: User, drain: Drain
) -> None:
    post(bob, "@alice")
    drain()
    api, path = Api(alice), "/api/markers/notifications"
    latest = api.get(PATH).json()["results"][0]["latest_id"]
    assert api.put(path, {"last_read_id": latest}).json()["last_read_id"] == latest
    assert unread(api) == 0
    assert api.put(path, {"last_read_id": "0", "back": True}).json()["last_read_id"] == "0"
    assert unread(api) == 1


@pytest.mark.parametrize(
    "body",
    [
        *({}, {"last_read_id": None}, {"last_read_id": 5}, {"last_read_id": "x"}, [], "x"),
        *({"last_read_id": "1", "back": "yes"}, {"last_read_id": str(MAX_ID)}),
    ],
)
def test_a_bad_position_is_refused(alice: User, body: object) -> None:
    assert Api(alice).put("/api/markers/home", body).status_code == 400
    assert Api(alice).get("/api/markers/home").json()["version"] == 0


def test_there_are_two_markers(alice: User) -> None:
    assert Api(alice).get("/api/markers/public").status_code == 404
    assert Api(alice).put("/api/markers/public", {"last_read_id": "1"}).status_code == 404


# --- Settings and strangers ----------------------------------------------------------------------


def test_settings_have_defaults_and_change_in_part(alice: User, bob: User) -> None:
    api = Api(alice)
    default = api.get(SETTINGS).json()
    assert default["kinds"]["like"] == {"site": True, "email": False}
    assert default["kinds"]["mention"] == {"site": True, "email": True}
    assert (default["strangers"], default["digest"]) == ("accept", "off")
    changes = {"kinds": {"like": {"site": False}, "mention": {"email": False}}, "digest": "daily"}
    changed = api.patch(SETTINGS, changes).json()
    assert changed["kinds"]["like"] == {"site": False, "email": False}
    assert changed["kinds"]["mention"] == {"site": True, "email": False}
    assert (changed["strangers"], changed["digest"]) == ("accept", "daily")
    assert api.patch(SETTINGS, {}).json() == changed == api.get(SETTINGS).json()
    assert api.patch(SETTINGS, {"kinds": {"like": {"site": True}}}).json()["kinds"]["like"]["site"]
    assert Api(bob).get(SETTINGS).json() == default


@pytest.mark.parametrize(
    "body",
    [
        *({"kinds": []}, {"kinds": None}, {"kinds": {"likes": {}}}, {"kinds": {"like": True}}),
        *({"kinds": {"like": {"site": 1}}}, {"kinds": {"like": {"sms": True}}}, {"strangers": "x"}),
        *({"strangers": None}, {"digest": "hourly"}, {"digest": True}, [], "x"),
        {"kinds": {"moderation": {"site": False}}},
    ],
)
def test_bad_settings_are_refused(alice: User, body: object) -> None:
    before = Api(alice).get(SETTINGS).json()
    refused = Api(alice).patch(SETTINGS, body)
    assert refused.status_code == 400
    assert refused.json()["message"]
    assert Api(alice).get(SETTINGS).json() == before


def test_a_kind_that_is_off_is_not_stored_even_for_later(
    alice: User, bob: User, drain: Drain
) -> None:
    api = Api(alice)
    api.patch(SETTINGS, {"kinds": {"like": {"site": False}}})
    tweet = post(alice)
    marks.like(user=bob, tweet_id=tweet.pk)
    post(bob, "@alice")
    drain()
    api.patch(SETTINGS, {"kinds": {"like": {"site": True}}})
    assert kinds(api.get(PATH)) == ["mention"]


def test_strangers_can_be_dropped(alice: User, bob: User, charlie: User, drain: Drain) -> None:
    api = Api(alice)
    api.patch(SETTINGS, {"strangers": "drop"})
    people.follow(follower=alice, followee=bob)
    people.follow(follower=charlie, followee=alice)
    for user in (bob, charlie):
        post(user, "@alice")
    drain()
    entries = api.get(PATH).json()["results"]
    assert [(e["kind"], e["actors"][0]["handle"]) for e in entries] == [
        ("mention", "bob"),
        ("follow", "charlie"),
    ]
    assert api.get(REQUESTS).json()["results"] == []


def test_strangers_can_be_filtered_into_requests_and_accepted(
    alice: User, bob: User, charlie: User, drain: Drain
) -> None:
    api = Api(alice)
    api.patch(SETTINGS, {"strangers": "filter"})
    for user in (bob, bob, charlie):
        post(user, "@alice hi")
    drain()
    assert (kinds(api.get(PATH)), unread(api)) == ([], 0)
    waiting = api.get(f"{REQUESTS}?limit=1").json()
    assert [(r["actor"]["handle"], r["count"]) for r in waiting["results"]] == [("charlie", 1)]
    (second,) = api.get(waiting["next"].removeprefix("http://testserver")).json()["results"]
    assert (second["actor"]["handle"], second["count"]) == ("bob", 2)
    assert (second["kind"], second["tweet"]["text"]) == ("mention", "@alice hi")

    for _ in range(2):
        assert api.put(f"{REQUESTS}/bob").json() == {"accepted": True, "count": 0}
    assert (kinds(api.get(PATH)), unread(api)) == (["mention"] * 2, 2)
    post(bob, "@alice more")
    drain()
    assert unread(api) == 3

    for _ in range(2):
        assert api.delete(f"{REQUESTS}/charlie").json() == {"accepted": False, "count": 0}
    assert api.get(REQUESTS).json()["results"] == []
    post(charlie, "@alice again")
    drain()
    (again,) = api.get(REQUESTS).json()["results"]
    assert (again["actor"]["handle"], again["count"]) == ("charlie", 1)
    assert unread(api) == 3


def test_requests_leave_out_whom_one_mutes_and_what_is_gone(
    alice: User, bob: User, charlie: User, drain: Drain
) -> None:
    api = Api(alice)
    api.patch(SETTINGS, {"strangers": "filter"})
    tweet = post(alice)
    marks.like(user=charlie, tweet_id=tweet.pk)
    post(bob, "@alice")
    drain()
    people.mute(muter=alice, muted=bob)
    assert [r["actor"]["handle"] for r in api.get(REQUESTS).json()["results"]] == ["charlie"]
    marks.unlike(user=charlie, tweet_id=tweet.pk)
    drain()
    assert not Request.objects.filter(count__gt=0).exists()


def test_only_accounts_that_exist_are_accepted_or_dismissed(alice: User) -> None:
    assert Api(alice).put(f"{REQUESTS}/nobody").status_code == 404
    assert Api(alice).delete(f"{REQUESTS}/nobody").status_code == 404
