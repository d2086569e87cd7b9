"""Lists of people and followed hashtags through the API."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from lists.hashtags import MAX_FOLLOWED
from lists.models import HashtagFollow, ListMember, PeopleList
from lists.services import MAX_LISTS, MAX_MEMBERS
from people import services as people
from tests.helpers.api_client import Api
from tests.helpers.tweets import at_once, post


def created(api: Api, **more: Any) -> str:
    """The path of a new list."""
    return f"/api/lists/{api.post('/api/lists', {'name': 'Friends', **more}).json()['id']}"


def members(api: Api, path: str) -> list[str]:
    """The handles that the page of members shows."""
    return [row["handle"] for row in api.get(f"{path}/members").json()["results"]]


class TestLists:
    """/api/lists and what is below it."""

    def test_create_read_change_delete(self, alice: User) -> None:
        api = Api(alice)
        answer = api.post("/api/lists", {"name": " Friends "})
        assert answer.status_code == 201
        body = answer.json()
        expected = {"name": "Friends", "owner": "alice", "private": True, "exclusive": False}
        assert {name: body[name] for name in expected} == expected
        assert body["members"] == 0
        path = f"/api/lists/{body['id']}"
        assert api.get(path).json() == api.get("/api/lists").json()["results"][0] == body
        changed = api.patch(path, {"exclusive": True, "private": False}).json()
        assert changed == {**body, "exclusive": True, "private": False}
        assert api.delete(path).status_code == api.delete(path).status_code == 204
        assert api.get(path).status_code == 404

    @pytest.mark.parametrize(
        "changes",
        [
            {"name": ""},
            {"name": "\u2800\u200b"},
            {"name": "x" * 61},
            {"name": "x\u202e"},
            {"name": 1},
            {"name": None},
            {"private": "yes"},
            {"exclusive": None},
        ],
    )
    def test_bad_input_is_a_400(self, alice: User, changes: dict[str, Any]) -> None:
        api = Api(alice)
        answer = api.post("/api/lists", {"name": "x", **changes})
        assert (answer.status_code, set(answer.json()["fields"])) == (400, set(changes))
        assert api.patch(created(api), changes).status_code == 400

    def test_members(self, alice: User, bob: User, charlie: User) -> None:
        api = Api(alice)
        path = created(api)
        for handle in ("bob", "CHARLIE", "bob", "alice"):
            assert api.put(f"{path}/members/{handle}").json() == {"member": True}
        assert members(api, path) == ["alice", "charlie", "bob"]
        assert api.get(path).json()["members"] == 3
        assert api.put(f"{path}/members/nobody").status_code == 404
        User.objects.filter(pk=bob.pk).update(suspended_at=timezone.now())
        assert members(api, path) == ["alice", "charlie"]
        assert api.get(path).json()["members"] == 2
        for _ in range(2):
            assert api.delete(f"{path}/members/bob").json() == {"member": False}
        User.objects.filter(pk=bob.pk).update(suspended_at=None)
        assert members(api, path) == ["alice", "charlie"]

    def test_nobody_is_listed_across_a_block(self, alice: User, bob: User, charlie: User) -> None:
        people.block(blocker=bob, blocked=alice)
        people.block(blocker=alice, blocked=charlie)
        path = created(Api(alice))
        for handle in ("bob", "charlie"):
            assert Api(alice).put(f"{path}/members/{handle}").status_code == 403

    def test_a_block_takes_people_off(self, alice: User, bob: User, charlie: User) -> None:
        path = created(Api(alice), private=False)
        for handle in ("bob", "charlie"):
            Api(alice).put(f"{path}/members/{handle}")
        people.block(blocker=charlie, blocked=bob)  # neither of them is the owner
        assert members(Api(bob), path) == ["bob"]
        assert members(Api(alice), path) == ["charlie", "bob"]
        people.block(blocker=charlie, blocked=alice)
        assert members(Api(alice), path) == members(Api(), path) == ["bob"]
        assert Api(alice).get(path).json()["members"] == 1

    def test_a_private_list_is_not_there_for_others(self, alice: User, bob: User) -> None:
        path = created(Api(alice))
        for api, status in ((Api(bob), 404), (Api(), 401)):
            assert api.get(path).status_code == api.get(f"{path}/members").status_code == 404
            assert api.patch(path, {"name": "x"}).status_code == status
            assert api.put(f"{path}/members/bob").status_code == status
        assert Api(bob).delete(path).status_code == 204
        assert Api(alice).get(path).status_code == 200
        assert Api(bob).get("/api/users/alice/lists").json()["results"] == []
        assert Api().get("/api/lists").status_code == 401
        assert Api(alice).delete(f"{path}/members/%00").status_code == 200
        for wrong in ("x", "0", "9" * 17):
            assert Api(alice).get(f"/api/lists/{wrong}").status_code == 404

    def test_others_read_a_public_list_and_cannot_change_it(self, alice: User, bob: User) -> None:
        path = created(Api(alice), private=False)
        Api(alice).put(f"{path}/members/bob")
        for api in (Api(), Api(bob)):
            assert api.get(path).json()["name"] == "Friends"
            assert members(api, path) == ["bob"]
            assert len(api.get("/api/users/alice/lists").json()["results"]) == 1
        assert Api(bob).patch(path, {"name": "x"}).status_code == 403
        assert Api(bob).delete(path).status_code == 403
        assert Api(bob).delete(f"{path}/members/bob").status_code == 403
        User.objects.filter(pk=alice.pk).update(private=True)
        assert Api(bob).get(path).status_code == 404
        assert Api(bob).get("/api/users/alice/lists").status_code == 403
        people.follow(follower=bob, followee=alice)
        people.accept_request(followee=alice, follower=bob)
        assert members(Api(bob), path) == ["bob"]
        people.block(blocker=alice, blocked=bob)
        assert Api(bob).get(path).status_code == 404
        assert Api(bob).get("/api/users/alice/lists").status_code == 403
        User.objects.filter(pk=alice.pk).update(suspended_at=timezone.now())
        assert Api().get(path).status_code == 404

    def test_its_queries_do_not_grow(
        self,
        alice: User,
        person: Callable[..., User],
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        path = created(Api(alice))
        for number in range(5):
            person(f"p{number}")
            Api(alice).put(f"{path}/members/p{number}")
            created(Api(alice))
        api = Api(alice)  # its token takes a query of its own
        with django_assert_num_queries(4):
            assert len(members(api, path)) == 5
        with django_assert_num_queries(2):
            assert len(api.get("/api/lists").json()["results"]) == 6

    @pytest.mark.django_db(transaction=True)
    def test_many_at_once_do_not_exceed_the_limits(self, alice: User, bob: User) -> None:
        lists = [PeopleList(owner=alice, name="x") for _ in range(MAX_LISTS - 2)]
        PeopleList.objects.bulk_create(lists)
        api = Api(alice)
        answers: list[Any] = at_once([partial(api.post, "/api/lists", {"name": "y"})] * 5)
        assert sorted(answer.status_code for answer in answers) == [201, 201, 409, 409, 409]
        path = f"/api/lists/{lists[0].pk}"
        added: list[Any] = at_once([partial(api.put, f"{path}/members/bob")] * 5)
        assert {answer.status_code for answer in added} == {200}
        assert ListMember.objects.count() == 1

    def test_a_full_list(self, alice: User, bob: User) -> None:
        path = created(Api(alice))
        users = [User(handle=f"u{n}", email=f"u{n}@example.org") for n in range(MAX_MEMBERS)]
        list_id = int(path.rpartition("/")[2])
        ListMember.objects.bulk_create(
            ListMember(list_id=list_id, user=user) for user in User.objects.bulk_create(users)
        )
        assert Api(alice).put(f"{path}/members/bob").status_code == 409
        assert Api(alice).put(f"{path}/members/u7").status_code == 200


class TestTimeline:
    """/api/lists/{id}/timeline."""

    def test_the_tweets_of_members_for_each_viewer(
        self, alice: User, bob: User, charlie: User
    ) -> None:
        path = created(Api(alice), private=False)
        Api(alice).put(f"{path}/members/bob")
        texts = ["first", "second", "third"]
        for text in texts:
            post(bob, text)
        post(bob, "for followers", visibility="followers")
        post(bob, "for @charlie", visibility="direct")
        for viewer, more in ((None, []), (alice, []), (charlie, ["for @charlie"])):
            found: list[str] = []
            url = f"{path}/timeline?limit=2"
            while url:
                body = Api(viewer).get(url).json()
                found += [row["text"] for row in body["results"]]
                url = body["next"]
            assert found == [*more, *texts[::-1]]
        back = Api(alice).get(Api(alice).get(f"{path}/timeline?limit=2").json()["next"]).json()
        newer = Api(alice).get(back["previous"]).json()["results"]
        assert [row["text"] for row in newer] == ["third", "second"]

    def test_it_is_not_for_those_who_may_not_read_the_list(
        self, alice: User, bob: User, charlie: User
    ) -> None:
        path = created(Api(alice))
        for viewer in (None, bob):
            assert Api(viewer).get(f"{path}/timeline").status_code == 404
        Api(alice).patch(path, {"private": False})
        people.block(blocker=alice, blocked=bob)
        assert Api(bob).get(f"{path}/timeline").status_code == 404
        assert Api(charlie).get(f"{path}/timeline").status_code == 200
        for wrong in ("cursor=x", "limit=0", "limit=101", "limit=x"):
            assert Api(alice).get(f"{path}/timeline?{wrong}").status_code == 400
        for unknown in ("0", "x", "99999999999999999999"):
            assert Api(alice).get(f"/api/lists/{unknown}/timeline").status_code == 404


class TestHashtags:
    """/api/hashtags/{tag}/follow and /api/me/hashtags."""

    def test_follow_and_unfollow(self, alice: User, bob: User) -> None:
        api = Api(alice)
        for _ in range(2):
            answer = api.put("/api/hashtags/CHIRP/follow")
            assert answer.json() == {"tag": "chirp", "following": True}
            assert api.get("/api/hashtags/Chirp/follow").json() == answer.json()
            assert not Api(bob).get("/api/hashtags/chirp/follow").json()["following"]
        api.put("/api/hashtags/猫/follow")
        followed = [row["tag"] for row in api.get("/api/me/hashtags").json()["results"]]
        assert followed == ["猫", "chirp"]
        assert Api(bob).get("/api/me/hashtags").json()["results"] == []
        for _ in range(2):
            answer = api.delete("/api/hashtags/chirp/follow")
            assert answer.json() == {"tag": "chirp", "following": False}

    def test_what_is_refused(self, alice: User) -> None:
        for wrong in ("a b", "1", "x" * 101, "%00"):
            assert Api(alice).put(f"/api/hashtags/{wrong}/follow").status_code == 404
        assert Api().put("/api/hashtags/x/follow").status_code == 401
        assert Api().get("/api/me/hashtags").status_code == 401
        assert Api().get("/api/hashtags/x/follow").status_code == 401
        HashtagFollow.objects.bulk_create(
            HashtagFollow(user=alice, tag=f"t{n}") for n in range(MAX_FOLLOWED)
        )
        assert Api(alice).put("/api/hashtags/one_more/follow").status_code == 409
        assert Api(alice).put("/api/hashtags/t5/follow").status_code == 200
