"""People and follows in the admin."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import services
from accounts.models import TokenFamily, User
from accounts.tokens import issue
from conftest import PASSWORD
from outbox.models import Event
from people import services as people
from people.counters import check
from people.models import Follow
from people.profile import update_profile
from tests.helpers.admin import act, address, asserts_flat, browser, logged, shown

NEW = "a brand new passphrase 7"


@pytest.fixture
def root(person: Callable[..., User]) -> User:
    """Who may do everything."""
    return person("boss")


@pytest.fixture
def desk(root: User) -> Client:
    """Where the superuser sits."""
    return browser(root, superuser=True)


@pytest.fixture
def moderator(person: Callable[..., User]) -> User:
    """Who may suspend, and no more."""
    return person("mod")


@pytest.fixture
def lodge(moderator: User) -> Client:
    """Where the moderator sits."""
    return browser(moderator, "accounts.change_user")


# --- Coming in ----------------------------------------------------------------------------------


@pytest.mark.parametrize("login", ["boss", "BOSS", "boss@example.org"])
def test_staff_sign_in_with_handle_or_email(client: Client, root: User, login: str) -> None:
    browser(root, superuser=True)
    asked = client.get("/admin/", follow=True)
    assert asked.redirect_chain[-1][0] == "/login?next=/admin/"
    response = client.post(
        "/login?next=/admin/", {"login": login, "password": PASSWORD, "next": "/admin/"}
    )
    assert response["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_an_address_longer_than_a_handle_signs_in(client: Client, db: None) -> None:
    email = "somebody.with.a.long.name@a.department.example.org"
    user = services.register(handle="longish", email=email, password=PASSWORD)
    browser(user, superuser=True)
    client.post("/login", {"login": email, "password": PASSWORD})
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize("path", ["", "accounts/user/", "login/", "outbox/event/1/change/"])
def test_for_other_people_there_is_no_admin(client: Client, alice: User, path: str) -> None:
    client.force_login(alice)
    assert client.get(f"/admin/{path}", follow=True).status_code == 404


def test_the_sign_in_of_the_admin_is_no_way_around_the_sites(client: Client, root: User) -> None:
    browser(root, superuser=True)
    client.post("/admin/login/", {"username": "boss", "password": PASSWORD, "next": "/admin/"})
    assert client.get("/admin/").status_code == 302


def test_it_sends_nobody_to_another_site(desk: Client) -> None:
    response = desk.get("/admin/login/?next=https://evil.example/")
    assert response["Location"] == "/admin/"


def test_ones_own_password_is_changed_on_the_site(desk: Client) -> None:
    assert desk.get("/admin/password_change/")["Location"] == "/settings/password"


def test_a_suspended_moderator_is_out(lodge: Client, moderator: User, root: User) -> None:
    services.suspend(user=moderator, by=root, now=timezone.now())
    assert lodge.get("/admin/").status_code == 302


# --- Finding people -----------------------------------------------------------------------------


@pytest.mark.parametrize("term", ["alic", "ALICE", "alice@example.org", "Wonder"])
def test_it_finds_people_by_handle_address_or_name(
    desk: Client, alice: User, bob: User, term: str
) -> None:
    update_profile(user=alice, changes={"name": "Alice Wonder"})
    assert shown(desk, User, f"?q={term}") == [alice.pk]


def test_it_filters(desk: Client, root: User, alice: User, bob: User, charlie: User) -> None:
    services.suspend(user=alice, by=root, now=timezone.now())
    services.deactivate(user=bob, password=PASSWORD, now=timezone.now())
    update_profile(user=charlie, changes={"private": True})
    assert shown(desk, User, "?state=suspended") == [alice.pk]
    assert shown(desk, User, "?state=deactivated") == [bob.pk]
    assert shown(desk, User, "?state=active") == [charlie.pk, root.pk]
    assert shown(desk, User, "?private__exact=1") == [charlie.pk]
    assert shown(desk, User, "?is_staff__exact=1") == [root.pk]


@pytest.mark.parametrize(
    "query", ["?q=%00", "?q=%ff", "?state=junk", "?p=999999", "?p=junk", f"?q={'x' * 3000}", "?e=1"]
)
def test_junk_in_the_address_is_no_error(desk: Client, query: str) -> None:
    assert desk.get(f"{address(User)}{query}", follow=True).status_code == 200


@pytest.mark.parametrize("pk", ["0", "junk", "9" * 30, "-1", "%00"])
def test_nobody_with_that_id_is_no_error(desk: Client, pk: str) -> None:
    response = desk.get(f"{address(User)}{pk}/change/", follow=True)
    assert response.status_code in {200, 404}


def test_the_list_takes_as_many_queries_for_many_people_as_for_few(
    desk: Client, person: Callable[..., User]
) -> None:
    asserts_flat(desk, User, lambda: [person(f"extra{number}") for number in range(9)])


def test_a_person_is_shown_with_their_counts_and_without_their_hash(
    desk: Client, alice: User, bob: User
) -> None:
    people.follow(follower=bob, followee=alice)
    page = desk.get(address(User, "change", alice.pk)).content.decode()
    assert "Followers count" in page
    assert alice.password not in page
    assert "argon2" not in page


# --- Acting on people ---------------------------------------------------------------------------


def test_it_suspends_through_the_service_and_logs_it(
    lodge: Client, moderator: User, alice: User, bob: User
) -> None:
    issue(user=alice, now=timezone.now())
    assert act(lodge, "suspend", [alice, bob]) == ["Suspended: 2."]
    assert not User.objects.active().filter(pk__in=[alice.pk, bob.pk]).exists()
    assert not TokenFamily.objects.exists()
    assert sorted(logged()) == [
        (moderator.pk, str(alice.pk), "Suspended"),
        (moderator.pk, str(bob.pk), "Suspended"),
    ]


def test_it_lifts_a_suspension(lodge: Client, moderator: User, root: User, alice: User) -> None:
    services.suspend(user=alice, by=root, now=timezone.now())
    assert act(lodge, "unsuspend", [alice]) == ["Suspension lifted: 1."]
    assert User.objects.get(pk=alice.pk).is_active
    assert logged() == [(moderator.pk, str(alice.pk), "Suspension lifted")]


def test_nobody_suspends_themselves(desk: Client, root: User, alice: User) -> None:
    told = act(desk, "suspend", [root, alice])
    assert "@boss: You cannot suspend yourself." in told
    assert "Suspended: 1." in told
    assert User.objects.get(pk=root.pk).is_active
    assert [entry[1] for entry in logged()] == [str(alice.pk)]


def test_only_superusers_suspend_staff(lodge: Client, desk: Client, root: User) -> None:
    (told,) = act(lodge, "suspend", [root])
    assert "Only a superuser may suspend" in told
    assert User.objects.get(pk=root.pk).is_active
    mod = User.objects.get(handle="mod")
    assert act(desk, "suspend", [mod]) == ["Suspended: 1."]


def test_who_may_only_look_has_no_actions(moderator: User, alice: User) -> None:
    viewer = browser(moderator, "accounts.view_user")
    assert shown(viewer, User)
    viewer.post(address(User), {"action": "suspend", "_selected_action": [alice.pk]})
    assert User.objects.get(pk=alice.pk).is_active
    assert logged() == []


def test_without_a_permission_there_is_nothing(moderator: User) -> None:
    assert browser(moderator).get(address(User)).status_code == 403


def test_nobody_adds_or_deletes_people_here(desk: Client, alice: User) -> None:
    assert desk.get(address(User, "add")).status_code == 403
    assert desk.post(address(User, "delete", alice.pk), {"post": "yes"}).status_code == 403
    data = {"action": "delete_selected", "_selected_action": [alice.pk], "post": "yes"}
    desk.post(address(User), data)
    assert User.objects.filter(pk=alice.pk).exists()


# --- Rights and passwords -----------------------------------------------------------------------


def test_a_superuser_grants_rights(desk: Client, root: User, alice: User) -> None:
    group = Group.objects.create(name="moderators")
    data = {"is_staff": "on", "groups": [group.pk]}
    response = desk.post(address(User, "change", alice.pk), data)
    assert response.status_code == 302
    granted = User.objects.get(pk=alice.pk)
    assert granted.is_staff
    assert not granted.is_superuser
    assert list(granted.groups.all()) == [group]
    assert logged()[0][:2] == (root.pk, str(alice.pk))


def test_a_moderator_grants_none(lodge: Client, moderator: User) -> None:
    response = lodge.post(address(User, "change", moderator.pk), {"is_superuser": "on"})
    assert response.status_code == 403
    assert not User.objects.get(pk=moderator.pk).is_superuser


def test_granting_rights_changes_nothing_else(
    desk: Client, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody follows while the form is being saved: the count must not go back."""
    from accounts.admin import UserAdmin

    save = UserAdmin.save_model

    def followed_meanwhile(*args: object) -> None:
        people.follow(follower=bob, followee=alice)
        save(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(UserAdmin, "save_model", followed_meanwhile)
    data = {"is_staff": "on", "handle": "mallory", "followers_count": "7"}
    desk.post(address(User, "change", alice.pk), data)
    changed = User.objects.get(pk=alice.pk)
    assert (changed.handle, changed.is_staff, changed.followers_count) == ("alice", True, 1)
    assert check() == []


def change_password(client: Client, user: User, first: str, second: str) -> int:
    path = reverse("admin:auth_user_password_change", args=[user.pk])
    assert client.get(path).status_code in {200, 403}
    return client.post(path, {"password1": first, "password2": second}).status_code


def test_a_superuser_gives_somebody_a_new_password(desk: Client, root: User, alice: User) -> None:
    issue(user=alice, now=timezone.now())
    assert change_password(desk, alice, NEW, NEW) == 302
    assert services.sign_in(login="alice", password=NEW, now=timezone.now()) == alice
    assert not TokenFamily.objects.exists(), "their sign-ins have ended"
    assert [entry[:2] for entry in logged()] == [(root.pk, str(alice.pk))]


def test_who_had_no_password_can_be_given_one(desk: Client, db: None) -> None:
    user = services.register_without_password(handle="dora", email="dora@example.org")
    with pytest.raises(services.BadCredentials):
        services.sign_in(login="dora", password=PASSWORD, now=timezone.now())
    assert change_password(desk, user, NEW, NEW) == 302
    assert services.sign_in(login="dora", password=NEW, now=timezone.now()) == user


@pytest.mark.parametrize(
    ("first", "second"),
    [
        *(("", ""), (NEW, ""), (NEW, f"{NEW}!"), ("12345678", "12345678"), ("alice", "alice")),
        *(("password", "password"), ("x" * 1001, "x" * 1001), (f"{NEW}\x00", f"{NEW}\x00")),
    ],
)
def test_it_refuses_a_bad_password(desk: Client, alice: User, first: str, second: str) -> None:
    assert change_password(desk, alice, first, second) == 200
    assert services.sign_in(login="alice", password=PASSWORD, now=timezone.now()) == alice
    assert logged() == []


def test_a_moderator_gives_no_passwords(lodge: Client, alice: User) -> None:
    assert change_password(lodge, alice, NEW, NEW) == 403
    assert services.sign_in(login="alice", password=PASSWORD, now=timezone.now()) == alice


# --- Follows ------------------------------------------------------------------------------------


@pytest.fixture
def follow(alice: User, bob: User) -> Follow:
    """Bob follows alice."""
    return people.follow(follower=bob, followee=alice)


@pytest.mark.parametrize("term", ["alice", "@ALICE", "bob"])
def test_it_finds_follows_by_either_end(
    desk: Client, follow: Follow, charlie: User, root: User, term: str
) -> None:
    people.follow(follower=charlie, followee=root)
    assert shown(desk, Follow, f"?q={term}") == [follow.pk]
    assert shown(desk, Follow, "?q=ali") == [], "a handle, not a part of it"


def test_it_tells_requests_from_follows(desk: Client, follow: Follow, charlie: User) -> None:
    update_profile(user=charlie, changes={"private": True})
    request = people.follow(follower=follow.follower, followee=charlie)
    assert shown(desk, Follow, "?kind=request") == [request.pk]
    assert shown(desk, Follow, "?kind=follow") == [follow.pk]


def test_it_ends_a_follow_through_the_service_and_logs_it(
    desk: Client, root: User, follow: Follow
) -> None:
    asked = desk.post(
        address(Follow), {"action": "delete_selected", "_selected_action": [follow.pk]}
    )
    assert "@bob follows @alice" in asked.content.decode()
    assert Follow.objects.exists(), "it asks first"
    act(desk, "delete_selected", [follow], post="yes")
    assert not Follow.objects.exists()
    assert check() == []
    assert Event.objects.filter(topic="follow.ended").exists()
    assert logged() == [(root.pk, str(follow.pk), "@bob follows @alice")]


def test_it_ends_one_follow_from_its_page(desk: Client, follow: Follow) -> None:
    assert desk.get(address(Follow, "change", follow.pk)).status_code == 200
    assert desk.post(address(Follow, "delete", follow.pk), {"post": "yes"}).status_code == 302
    assert not Follow.objects.exists()
    assert check() == []
    assert len(logged()) == 1


def test_follows_are_neither_made_nor_changed_by_hand(desk: Client, follow: Follow) -> None:
    assert desk.get(address(Follow, "add")).status_code == 403
    assert desk.post(address(Follow, "change", follow.pk), {"reposts": ""}).status_code == 403


def test_the_list_of_follows_takes_as_many_queries_for_many(
    desk: Client, follow: Follow, person: Callable[..., User]
) -> None:
    def grow() -> None:
        for number in range(9):
            people.follow(follower=person(f"extra{number}"), followee=follow.followee)

    asserts_flat(desk, Follow, grow)
