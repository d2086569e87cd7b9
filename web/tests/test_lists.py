"""Lists of people, followed hashtags and hidden reposts on the site."""

from collections.abc import Callable
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from accounts.models import User
from lists.models import HashtagFollow, ListMember, PeopleList
from lists.services import MAX_MEMBERS, add_member, create_list
from people import services as people
from tests.helpers.pages import HTMX, older, page
from tests.helpers.tweets import post


def on_lists(user: User) -> list[str]:
    """The names of the lists that a person is on."""
    return sorted(ListMember.objects.filter(user=user).values_list("list__name", flat=True))


def test_a_list_is_created_filled_changed_and_deleted(
    client: Client, alice: User, bob: User
) -> None:
    client.force_login(alice)
    assert "No lists" in page(client.get("/lists"))
    answer = client.post("/lists/new", {"name": "\u2800", "private": "on"})
    assert (answer.status_code, PeopleList.objects.count()) == (400, 0)
    client.post("/lists/new", {"name": "Friends", "private": "on"})
    made = PeopleList.objects.get()
    where = f"/lists/{made.pk}"
    assert (made.name, made.private, made.exclusive) == ("Friends", True, False)
    for handle in ("@bob", "bob", " BOB "):
        assert client.post(f"{where}/members", {"handle": handle}).status_code == 302
    assert "Remove @bob from the list" in page(client.get(f"{where}/members"))
    wrong = client.post(f"{where}/members", {"handle": "nobody there"})
    assert wrong.status_code == 404
    assert 'value="nobody there"' in page(wrong)
    client.post(f"{where}/edit", {"name": "Good friends", "exclusive": "on"})
    made.refresh_from_db()
    assert (made.name, made.private, made.exclusive) == ("Good friends", False, True)
    assert "1 person · public · out of home" in page(client.get("/lists"))
    client.post(f"{where}/remove/bob")
    assert on_lists(bob) == []
    client.post(f"{where}/delete")
    assert not PeopleList.objects.exists()


def test_others_see_public_lists_only(client: Client, alice: User, bob: User) -> None:
    hidden = create_list(owner=alice, name="Secret")
    open_ = create_list(owner=alice, name="Open", private=False)
    add_member(owner=alice, list_id=open_.pk, user=bob)
    for viewer in (None, bob):
        if viewer:
            client.force_login(viewer)
        listed = page(client.get("/@alice/lists"))
        assert "Open" in listed
        assert "Secret" not in listed
        assert client.get(f"/lists/{hidden.pk}/members").status_code == 404
        members = page(client.get(f"/lists/{open_.pk}/members"))
        assert "/@bob" in members
        assert "/remove/" not in members
    assert client.get(f"/lists/{open_.pk}/edit").status_code == 403
    for action in ("edit", "delete", "remove/bob"):
        client.post(f"/lists/{open_.pk}/{action}", {"name": "Mine"})
    client.post(f"/lists/{open_.pk}/members", {"handle": "bob"})
    assert on_lists(bob) == ["Open"]
    people.block(blocker=alice, blocked=bob)
    assert client.get(f"/lists/{open_.pk}/members").status_code == 404
    assert client.get("/@alice/lists").status_code == 403


def test_the_lists_of_a_person_are_chosen_from_their_profile(
    client: Client, alice: User, bob: User, charlie: User
) -> None:
    client.force_login(alice)
    where = "/@bob/lists/choose"
    assert "You have no lists" in page(client.get(where))
    first, second, third = (create_list(owner=alice, name=name) for name in "abc")
    foreign = create_list(owner=charlie, name="foreign")
    add_member(owner=alice, list_id=first.pk, user=bob)
    assert where in page(client.get("/@bob"))
    assert page(client.get(where)).count(" checked") == 1
    client.post(where, {"list_ids": [second.pk, third.pk]})
    assert on_lists(bob) == ["b", "c"]
    for wrong in (foreign.pk, "x", "9" * 30):
        assert client.post(where, {"list_ids": [wrong, first.pk]}).status_code == 400
    ListMember.objects.bulk_create(
        ListMember(list=first, user=user)
        for user in User.objects.bulk_create(
            User(handle=f"u{n}", email=f"u{n}@example.org") for n in range(MAX_MEMBERS)
        )
    )
    full = client.post(where, {"list_ids": [first.pk, second.pk]})
    assert full.status_code == 409
    assert "A list can have 500 people" in page(full)
    assert on_lists(bob) == ["b", "c"]
    people.block(blocker=bob, blocked=alice)
    assert client.post(where, {"list_ids": [first.pk]}).status_code == 403
    client.post(where)
    assert on_lists(bob) == []


def test_members_page_by_page(client: Client, alice: User, person: Callable[..., User]) -> None:
    made = create_list(owner=alice, name="Many", private=False)
    for number in range(3):
        add_member(owner=alice, list_id=made.pk, user=person(f"p{number}"))
    html = page(client.get(f"/lists/{made.pk}/members?limit=2"))
    assert "/@p2" in html
    more = page(client.get(older(html), headers=HTMX))
    assert "/@p0" in more
    assert "<html" not in more


def test_a_hashtag_is_followed_on_its_page(client: Client, alice: User) -> None:
    assert "/login?next=/hashtag/Chirp" in page(client.get("/hashtag/Chirp"))
    client.post("/hashtag/Chirp/follow")
    client.force_login(alice)
    for _ in range(2):
        client.post("/hashtag/Chirp/follow", {"next": "/hashtag/Chirp"})
    assert [each.tag for each in HashtagFollow.objects.all()] == ["chirp"]
    assert "Following #Chirp: unfollow" in page(client.get("/hashtag/Chirp"))
    assert "#chirp" in page(client.get("/settings/hashtags"))
    assert client.post("/hashtag/a b/follow").status_code == 404
    client.post("/hashtag/CHIRP/unfollow")
    assert "No hashtags" in page(client.get("/settings/hashtags"))


def test_all_reposts_are_hidden_for_a_day(client: Client, alice: User) -> None:
    post(alice)
    client.force_login(alice)
    assert "Hide reposts for a day" in page(client.get("/"))
    client.post("/home/reposts")
    alice.refresh_from_db()
    end = alice.reposts_hidden_until
    assert end is not None
    assert timedelta(hours=23) < end - timezone.now() <= timedelta(days=1)
    assert "Reposts are hidden until" in page(client.get("/"))
    client.post("/home/reposts", {"show": ""})
    alice.refresh_from_db()
    assert alice.reposts_hidden_until is None
    User.objects.update(reposts_hidden_until=timezone.now() - timedelta(days=1))
    assert "Hide reposts for a day" in page(client.get("/"))


def test_a_list_has_a_timeline(client: Client, alice: User, bob: User, charlie: User) -> None:
    made = create_list(owner=alice, name="Open", private=False)
    where = f"/lists/{made.pk}"
    client.force_login(alice)
    assert "Add people" in page(client.get(where))
    add_member(owner=alice, list_id=made.pk, user=bob)
    for number in range(21):
        post(bob, f"Number {number}.")
    post(charlie, "From elsewhere.")
    for viewer in (None, charlie, alice):
        client.logout()
        if viewer:
            client.force_login(viewer)
        shown = page(client.get(where))
        assert "Number 20." in shown
        assert "Number 0." not in shown
        assert "From elsewhere." not in shown
        assert "Number 0." in page(client.get(older(shown)))
        assert "<html" not in page(client.get(older(shown), headers=HTMX))
    people.block(blocker=alice, blocked=charlie)
    client.force_login(charlie)
    assert client.get(where).status_code == 404
