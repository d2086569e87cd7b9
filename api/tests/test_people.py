"""Users and relationships through the API."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from conftest import PASSWORD
from people import services as people
from people.models import Follow
from people.profile import update_profile
from tests.helpers.api_client import Api

pytestmark = pytest.mark.django_db

NO_RELATIONSHIP = {
    "following": False,
    "followed_by": False,
    "requested": False,
    "blocking": False,
    "blocked_by": False,
    "muting": False,
    "reposts": False,
    "notify": False,
    "muting_until": None,
    "note": "",
    "featured": False,
}


def handles(answer: Any) -> list[str]:
    """The handles of a page of users."""
    assert answer.status_code == 200, answer.content
    return [user["handle"] for user in answer.json()["results"]]


def test_a_profile_contains_the_public_fields_and_the_relationship(alice: User, bob: User) -> None:
    update_profile(
        user=alice, changes={"name": "Alice", "bio": "I write.", "link": "https://example.org"}
    )
    people.follow(follower=bob, followee=alice)
    profile = Api(bob).get("/api/users/ALICE").json()
    assert profile["id"] == str(alice.pk)
    assert profile["handle"] == "alice"
    assert profile["bio"] == "I write."
    assert profile["url"] == "http://testserver/@alice"
    assert profile["counts"] == {"followers": 1, "following": 0, "tweets": 0}
    assert profile["relationship"] == {**NO_RELATIONSHIP, "following": True, "reposts": True}
    assert "email" not in profile
    moment = datetime.fromisoformat(profile["created_at"])
    assert profile["created_at"].endswith("Z")
    assert len(profile["created_at"]) == len("2026-01-31T09:30:00.123Z")
    assert abs(moment - timezone.now()) < timedelta(minutes=2)


def test_without_a_viewer_or_for_oneself_there_is_no_relationship(alice: User) -> None:
    assert Api().get("/api/users/alice").json()["relationship"] is None
    assert Api(alice).get("/api/users/alice").json()["relationship"] is None


@pytest.mark.parametrize("handle", ["nobody", "a" * 31, "%00", "al%20ice", "al.ice", "%ED%A0%80"])
def test_an_unknown_handle_is_a_404(alice: User, handle: str) -> None:
    assert Api().get(f"/api/users/{handle}").status_code == 404
    assert Api(alice).put(f"/api/users/{handle}/follow").status_code == 404


@pytest.mark.parametrize("gone", ["deactivated_at", "suspended_at"])
def test_deactivated_and_suspended_accounts_are_hidden(
    alice: User, bob: User, charlie: User, gone: str
) -> None:
    for person in (alice, charlie):
        people.follow(follower=person, followee=bob)
        people.follow(follower=bob, followee=person)
    User.objects.filter(pk=alice.pk).update(**{gone: timezone.now()})
    for path in ("", "/followers", "/following"):
        assert Api().get(f"/api/users/alice{path}").status_code == 404
    assert handles(Api().get("/api/users/bob/followers")) == ["charlie"]
    assert handles(Api().get("/api/users/bob/following")) == ["charlie"]


@pytest.mark.parametrize("edge", ["follow", "block", "mute"])
def test_put_and_delete_of_a_relationship_are_idempotent(alice: User, bob: User, edge: str) -> None:
    expected = {
        "follow": {"following": True, "reposts": True},
        "block": {"blocking": True},
        "mute": {"muting": True},
    }
    api = Api(bob)
    for _ in range(2):
        answer = api.put(f"/api/users/alice/{edge}")
        assert answer.status_code == 200
        assert answer.json() == {**NO_RELATIONSHIP, **expected[edge]}
    for _ in range(2):
        answer = api.delete(f"/api/users/alice/{edge}")
        assert answer.status_code == 200
        assert answer.json() == NO_RELATIONSHIP


@pytest.mark.parametrize("edge", ["follow", "block", "mute"])
@pytest.mark.parametrize("method", ["put", "delete"])
def test_a_relationship_requires_authentication_and_another_user(
    alice: User, edge: str, method: str
) -> None:
    path = f"/api/users/alice/{edge}"
    assert Api(alice).request(method, path).status_code == 400
    anonymous = Api().request(method, path)
    assert anonymous.status_code == 401
    assert anonymous.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_mute_can_end(alice: User, bob: User) -> None:
    api, path = Api(bob), "/api/users/alice/mute"
    until = datetime.fromisoformat(api.put(path, {"seconds": 3600}).json()["muting_until"])
    assert abs(until - timezone.now() - timedelta(hours=1)) < timedelta(minutes=1)
    assert api.put(path, {"seconds": None}).json()["muting_until"] is None
    for seconds in (0, -5, "60", 1.5, True, 10**12):
        answer = api.put(path, {"seconds": seconds})
        assert (answer.status_code, "seconds" in answer.text) == (400, True), seconds


def test_a_private_note_is_for_its_author_alone(alice: User, bob: User, charlie: User) -> None:
    api, path = Api(bob), "/api/users/alice/note"
    noted = {**NO_RELATIONSHIP, "note": "met in Rome"}
    assert api.put(path, {"text": " met in Rome\n"}).json() == noted
    assert api.get("/api/users/alice").json()["relationship"] == noted
    for viewer in (alice, charlie):
        assert "Rome" not in Api(viewer).get("/api/users/alice").text
    for body in ({}, {"text": None}, {"text": 1}, {"text": "x" * 2001}, {"text": "a\x00b"}):
        assert api.put(path, body).status_code == 400, body
    assert Api().put(path, {"text": "x"}).status_code == 401
    assert api.put("/api/users/bob/note", {"text": "x"}).json()["error"] == "note_self"
    assert api.put("/api/users/nobody/note", {"text": "x"}).status_code == 404
    assert api.get("/api/users/alice").json()["relationship"] == noted
    assert api.put(path, {"text": " "}).json() == NO_RELATIONSHIP


def test_reposts_of_a_followee_can_be_hidden(alice: User, bob: User) -> None:
    api = Api(bob)
    hidden = {**NO_RELATIONSHIP, "following": True}
    assert api.put("/api/users/alice/follow", {"reposts": False}).json() == hidden
    assert api.put("/api/users/alice/follow").json() == hidden
    assert api.put("/api/users/alice/follow", {"reposts": True}).json()["reposts"] is True


def test_tweets_of_a_followee_can_be_asked_for(alice: User, bob: User) -> None:
    api = Api(bob)
    asked = {**NO_RELATIONSHIP, "following": True, "reposts": True, "notify": True}
    assert api.put("/api/users/alice/follow", {"notify": True}).json() == asked
    assert api.put("/api/users/alice/follow").json() == asked
    assert api.put("/api/users/alice/follow", {"notify": False}).json()["notify"] is False


@pytest.mark.parametrize(
    "body",
    [
        *({"reposts": "yes"}, {"reposts": 1}, {"reposts": None}, [], "x", 7, None),
        *({"notify": "yes"}, {"notify": 0}, {"notify": None}),
    ],
)
def test_the_options_of_a_follow_are_validated(alice: User, bob: User, body: object) -> None:
    import json

    sent = json.dumps(body).encode()
    assert Api(bob).put("/api/users/alice/follow", sent).status_code == 400
    assert not Follow.objects.exists()


def test_a_private_account_accepts_and_rejects_requests(
    alice: User, bob: User, charlie: User
) -> None:
    update_profile(user=alice, changes={"private": True})
    requested = Api(bob).put("/api/users/alice/follow").json()
    assert requested == {**NO_RELATIONSHIP, "requested": True}
    Api(charlie).put("/api/users/alice/follow")
    api = Api(alice)
    assert handles(api.get("/api/me/follow-requests")) == ["charlie", "bob"]
    for _ in range(2):
        accepted = api.put("/api/me/follow-requests/bob")
        assert accepted.status_code == 200
        assert accepted.json() == {**NO_RELATIONSHIP, "followed_by": True}
    for _ in range(2):
        rejected = api.delete("/api/me/follow-requests/charlie")
        assert rejected.status_code == 200
        assert rejected.json() == NO_RELATIONSHIP
    assert handles(api.get("/api/me/follow-requests")) == []
    assert handles(Api(bob).get("/api/users/alice/followers")) == ["bob"]


@pytest.mark.parametrize("tab", ["followers", "following"])
def test_only_its_followers_see_the_lists_of_a_private_account(
    alice: User, bob: User, charlie: User, tab: str
) -> None:
    people.follow(follower=bob, followee=alice)
    people.follow(follower=alice, followee=bob)
    update_profile(user=alice, changes={"private": True})
    people.follow(follower=charlie, followee=alice)  # a request
    path = f"/api/users/alice/{tab}"
    for api in (Api(), Api(charlie)):
        refused = api.get(path)
        assert (refused.status_code, refused.json()["error"]) == (403, "private")
    for api in (Api(alice), Api(bob)):
        assert handles(api.get(path)) == ["bob"]
    assert Api().get("/api/users/alice").json()["counts"][tab] == 1


def test_what_one_did_to_an_account_that_is_gone_can_be_undone(
    alice: User, bob: User, charlie: User
) -> None:
    for mark in ("follow", "block", "mute"):
        Api(alice).put(f"/api/users/bob/{mark}")
    people.follow(follower=bob, followee=charlie)
    for gone in ("deactivated_at", "suspended_at"):
        people.mute(muter=alice, muted=bob)
        User.objects.filter(pk=bob.pk).update(**{gone: timezone.now()})
        api = Api(alice)
        assert api.get("/api/users/bob").status_code == 404
        for mark in ("follow", "block", "mute"):
            assert api.delete(f"/api/users/bob/{mark}").status_code == 200, (gone, mark)
            people.mute(muter=alice, muted=bob)
        people.unmute(muter=alice, muted=bob)
        assert api.delete("/api/users/bob/mute").status_code == 404
        assert Api(charlie).put("/api/users/bob/follow").status_code == 404


def test_only_an_existing_request_can_be_accepted(alice: User, bob: User) -> None:
    assert Api(alice).put("/api/me/follow-requests/bob").status_code == 404
    assert Api(alice).put("/api/me/follow-requests/nobody").status_code == 404


def test_a_blocked_viewer_sees_a_reduced_profile_and_no_lists(alice: User, bob: User) -> None:
    update_profile(user=alice, changes={"bio": "b", "place": "p", "link": "http://x.org"})
    Api(alice).put("/api/users/bob/block")
    api = Api(bob)
    profile = api.get("/api/users/alice").json()
    assert profile["relationship"] == {**NO_RELATIONSHIP, "blocked_by": True}
    assert (profile["bio"], profile["place"], profile["link"]) == ("", "", "")
    assert api.get("/api/users/alice/followers").status_code == 403
    assert api.get("/api/users/alice/following").status_code == 403
    assert api.put("/api/users/alice/follow").status_code == 403
    # The user that blocks still sees the blocked user.
    assert Api(alice).get("/api/users/bob/followers").status_code == 200


def test_a_list_can_be_paged_to_its_end_and_back(
    alice: User, person: Callable[[str], User]
) -> None:
    names = [f"reader{number}" for number in range(7)]
    for name in names:
        people.follow(follower=person(name), followee=alice)
    User.objects.filter(handle="reader3").update(suspended_at=timezone.now())
    expected = [name for name in reversed(names) if name != "reader3"]
    api, seen, url = Api(), [], "/api/users/alice/followers?limit=2"
    pages = []
    while url:
        page = api.get(url)
        seen += handles(page)
        pages.append(page.json())
        url = page.json()["next"]
    assert seen == expected
    assert [len(page["results"]) for page in pages] == [2, 2, 2]
    assert pages[0]["previous"] is None
    back = api.get(pages[2]["previous"])
    assert handles(back) == [entry["handle"] for entry in pages[1]["results"]]


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=101",
        "limit=-1",
        "limit=x",
        "limit=",
        "limit=1.5",
        "limit=٣",
        "cursor=",
        "cursor=x",
        "cursor=%00",
        "cursor=YjE=",
        "cursor=Yg",
        "cursor=%F0%9F%90%A6",
    ],
)
def test_an_invalid_limit_or_cursor_is_refused(alice: User, query: str) -> None:
    answer = Api().get(f"/api/users/alice/followers?{query}")
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [query.partition("=")[0]]


def test_a_page_of_users_takes_as_many_queries_for_any_size(
    alice: User, bob: User, person: Callable[[str], User], django_assert_num_queries: Any
) -> None:
    api = Api(bob)
    for number in range(12):
        people.follow(follower=person(f"reader{number}"), followee=alice)
    # The viewer, the owner of the list, a block between them, the page, and its relationships.
    with django_assert_num_queries(5):
        assert len(handles(api.get("/api/users/alice/followers?limit=2"))) == 2
    with django_assert_num_queries(5):
        assert len(handles(api.get("/api/users/alice/followers"))) == 12


def test_the_entries_of_a_list_are_profiles(alice: User, bob: User, charlie: User) -> None:
    people.follow(follower=bob, followee=alice)
    people.follow(follower=charlie, followee=bob)
    api = Api(charlie)
    (row,) = api.get("/api/users/alice/followers").json()["results"]
    assert row == api.get("/api/users/bob").json()
    assert row["relationship"]["following"] is True


def test_a_405_lists_the_allowed_methods(alice: User, bob: User) -> None:
    answer = Api(bob).post("/api/users/alice/follow", {})
    assert answer.status_code == 405
    assert {"PUT", "DELETE"} <= set(answer.headers["Allow"].replace(" ", "").split(","))
    assert answer.json()["error"] == "method_not_allowed"


def test_a_session_is_accepted_but_only_with_a_csrf_token(alice: User, bob: User) -> None:
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    assert client.login(username="bob", password=PASSWORD)
    assert client.get("/api/me").json()["handle"] == "bob"
    refused = client.put("/api/users/alice/follow")
    assert refused.status_code == 403
    assert not Follow.objects.exists()
    client.get("/login")
    token = client.get("/settings").cookies["csrftoken"].value
    allowed = client.put("/api/users/alice/follow", headers={"X-CSRFToken": token})
    assert allowed.status_code == 200
