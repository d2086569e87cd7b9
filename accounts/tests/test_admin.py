"""Accounts and follows in the admin."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import services
from accounts.joining.models import Waiting
from accounts.models import TokenFamily, User
from accounts.tokens import issue
from chirp import admin, admin_confirmation
from conftest import PASSWORD
from outbox.models import Event
from people import services as people
from people.counters import check
from people.models import Follow
from people.profile import update_profile
from tests.helpers.admin import (
    act,
    address,
    answer_to,
    asks,
    asserts_flat,
    browser,
    confirmed,
    logged,
    shown,
)

NEW = "a brand new passphrase 7"


@pytest.fixture
def superuser(person: Callable[..., User]) -> User:
    """The user who becomes a superuser in `superuser_client`."""
    return person("boss")


@pytest.fixture
def superuser_client(superuser: User) -> Client:
    """A client that is signed in as the superuser."""
    return browser(superuser, superuser=True)


@pytest.fixture
def moderator(person: Callable[..., User]) -> User:
    """The user who may only suspend accounts, in `moderator_client`."""
    return person("warden")


@pytest.fixture
def moderator_client(moderator: User) -> Client:
    """A client that is signed in as the moderator."""
    return browser(moderator, "accounts.change_user")


# --- Signing in ---------------------------------------------------------------------------------


@pytest.mark.parametrize("login", ["boss", "BOSS", "boss@example.org"])
def test_staff_sign_in_with_handle_or_email(client: Client, superuser: User, login: str) -> None:
    browser(superuser, superuser=True)
    redirected = client.get("/admin/", follow=True)
    assert redirected.redirect_chain[-1][0] == "/login?next=/admin/"
    response = client.post(
        "/login?next=/admin/", {"login": login, "password": PASSWORD, "next": "/admin/"}
    )
    assert response["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_sign_in_accepts_an_email_longer_than_a_handle(client: Client, db: None) -> None:
    email = "a.person.with.a.long.name@a.department.example.org"
    user = services.register(handle="longish", email=email, password=PASSWORD)
    browser(user, superuser=True)
    client.post("/login", {"login": email, "password": PASSWORD})
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize("path", ["", "accounts/user/", "login/", "outbox/event/1/change/"])
def test_the_admin_is_not_found_for_other_users(client: Client, alice: User, path: str) -> None:
    client.force_login(alice)
    assert client.get(f"/admin/{path}", follow=True).status_code == 404


def test_the_admin_login_does_not_bypass_the_login_of_the_site(
    client: Client, superuser: User
) -> None:
    browser(superuser, superuser=True)
    client.post("/admin/login/", {"username": "boss", "password": PASSWORD, "next": "/admin/"})
    assert client.get("/admin/").status_code == 302


def test_the_admin_login_does_not_redirect_to_another_site(superuser_client: Client) -> None:
    response = superuser_client.get("/admin/login/?next=https://evil.example/")
    assert response["Location"] == "/admin/"


def test_changing_ones_own_password_redirects_to_the_site(superuser_client: Client) -> None:
    assert superuser_client.get("/admin/password_change/")["Location"] == "/settings/password"


def test_a_suspended_moderator_is_signed_out(
    moderator_client: Client, moderator: User, superuser: User
) -> None:
    services.suspend(user=moderator, by=superuser, now=timezone.now())
    assert moderator_client.get("/admin/").status_code == 302


# --- Finding accounts ---------------------------------------------------------------------------


@pytest.mark.parametrize("term", ["alic", "ALICE", "alice@example.org", "Wonder"])
def test_search_finds_accounts_by_handle_email_or_name(
    superuser_client: Client, alice: User, bob: User, term: str
) -> None:
    update_profile(user=alice, changes={"name": "Alice Wonder"})
    assert shown(superuser_client, User, f"?q={term}") == [alice.pk]


def test_handles_addresses_and_filters_find_accounts_of_any_age(
    superuser_client: Client,
    superuser: User,
    alice: User,
    person: Callable[[str], User],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    person("newest")
    monkeypatch.setattr(admin, "LOOKED_THROUGH", 1)
    services.suspend(user=alice, by=superuser, now=timezone.now())
    for query in ("?q=@ALI", "?q=ALICE@example.org", "?state=suspended"):
        assert shown(superuser_client, User, query) == [alice.pk]
    assert shown(superuser_client, User, "?q=lic") == [], "a handle is found by its beginning"


@pytest.mark.parametrize("beginning", ["al", "A_l", "%", "ali\\"])
def test_an_index_finds_the_beginning_of_a_handle(beginning: str, alice: User) -> None:
    found = User.objects.by_prefix(beginning)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    # A filter without a condition would read the whole index. Which index it is depends on the
    # locale of the database: only in "C" the unique one serves too.
    assert "Index Cond: (((lower((han" in found.explain()
    assert list(found) == ([alice] if beginning == "al" else [])


def test_the_filters(
    superuser_client: Client, superuser: User, alice: User, bob: User, charlie: User
) -> None:
    services.suspend(user=alice, by=superuser, now=timezone.now())
    services.deactivate(user=bob, password=PASSWORD, now=timezone.now())
    update_profile(user=charlie, changes={"private": True})
    assert shown(superuser_client, User, "?state=suspended") == [alice.pk]
    assert shown(superuser_client, User, "?state=deactivated") == [bob.pk]
    assert shown(superuser_client, User, "?state=active") == [charlie.pk, superuser.pk]
    assert shown(superuser_client, User, "?private__exact=1") == [charlie.pk]
    assert shown(superuser_client, User, "?is_staff__exact=1") == [superuser.pk]


@pytest.mark.parametrize(
    "query", ["?q=%00", "?q=%ff", "?state=junk", "?p=999999", "?p=junk", f"?q={'x' * 3000}", "?e=1"]
)
def test_an_invalid_query_string_is_not_an_error(superuser_client: Client, query: str) -> None:
    assert superuser_client.get(f"{address(User)}{query}", follow=True).status_code == 200


def test_accounts_that_wait_are_shown_as_waiting(superuser_client: Client, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(deactivated_at=timezone.now())
    Waiting.objects.create(user=bob, what=Waiting.For.APPROVAL)
    assert shown(superuser_client, User, "?state=waiting") == [bob.pk]
    assert shown(superuser_client, User, "?state=deactivated") == []
    for path in (address(User), address(User, "change", bob.pk)):
        assert "waiting for approval" in superuser_client.get(path).content.decode()


@pytest.mark.parametrize("pk", ["0", "junk", "9" * 30, "-1", "%00"])
def test_an_id_that_does_not_exist_is_not_an_error(superuser_client: Client, pk: str) -> None:
    response = superuser_client.get(f"{address(User)}{pk}/change/", follow=True)
    assert response.status_code in {200, 404}


def test_the_account_list_makes_a_constant_number_of_queries(
    superuser_client: Client, person: Callable[..., User]
) -> None:
    asserts_flat(superuser_client, User, lambda: [person(f"extra{number}") for number in range(9)])


def test_the_account_page_has_counts_and_no_password_hash(
    superuser_client: Client, alice: User, bob: User
) -> None:
    people.follow(follower=bob, followee=alice)
    page = superuser_client.get(address(User, "change", alice.pk)).content.decode()
    assert "Followers count" in page
    assert alice.password not in page
    assert "argon2" not in page


# --- Actions on accounts ------------------------------------------------------------------------


def test_suspending_calls_the_service_and_is_logged(
    moderator_client: Client, moderator: User, alice: User, bob: User
) -> None:
    issue(user=alice, now=timezone.now())
    assert act(moderator_client, "suspend", [alice, bob]) == ["Suspended: 2."]
    assert not User.objects.active().filter(pk__in=[alice.pk, bob.pk]).exists()
    assert not TokenFamily.objects.exists()
    assert sorted(logged()) == [
        (moderator.pk, str(alice.pk), "Suspended"),
        (moderator.pk, str(bob.pk), "Suspended"),
    ]


def test_suspending_is_asked_about_first(
    moderator_client: Client, alice: User, bob: User, charlie: User
) -> None:
    data = {"action": "suspend", "_selected_action": [alice.pk, bob.pk]}
    question = moderator_client.post(address(User), data)
    assert asks(question)
    page = question.content.decode()
    assert "Suspend: 2 users?" in page
    assert "@alice" in page
    assert "@bob" in page
    assert "@charlie" not in page
    assert "they are signed out" in page
    assert 'name="csrfmiddlewaretoken"' in page
    assert "<script" not in page.partition('id="content"')[2]
    assert User.objects.active().filter(pk__in=[alice.pk, bob.pk]).count() == 2
    assert logged() == []
    # An answer about others is another question.
    other = {**answer_to(question), "_selected_action": [alice.pk, charlie.pk]}
    assert asks(moderator_client.post(address(User), other))
    assert logged() == []


def test_the_answer_needs_the_token_of_the_form(
    moderator_client: Client, moderator: User, alice: User
) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = moderator_client.cookies
    data = {"action": "suspend", "_selected_action": [alice.pk]}
    answer = answer_to(moderator_client.post(address(User), data))
    assert strict.post(address(User), answer).status_code == 403
    assert User.objects.get(pk=alice.pk).is_active


def test_all_rows_of_a_filter_are_counted_and_only_some_are_named(
    superuser_client: Client, person: Callable[..., User], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admin_confirmation, "NAMED_AT_MOST", 2)
    people = [person(f"spam{number}") for number in range(4)]
    path = f"{address(User)}?q=spam"
    data = {"action": "suspend", "_selected_action": [people[0].pk], "select_across": "1"}
    question = superuser_client.post(path, data)
    page = question.content.decode()
    assert "Suspend: 4 users?" in page
    assert "and 2 more" in page
    late = person("spam_late")
    assert asks(superuser_client.post(path, answer_to(question))), "one more than was asked about"
    response = confirmed(superuser_client, path, data)
    assert [str(message) for message in response.context["messages"]] == ["Suspended: 5."]
    assert not User.objects.get(pk=late.pk).is_active


def test_lifting_a_suspension(
    moderator_client: Client, moderator: User, superuser: User, alice: User
) -> None:
    services.suspend(user=alice, by=superuser, now=timezone.now())
    assert act(moderator_client, "unsuspend", [alice]) == ["Suspension lifted: 1."]
    assert User.objects.get(pk=alice.pk).is_active
    assert logged() == [(moderator.pk, str(alice.pk), "Suspension lifted")]


def test_operators_cannot_suspend_themselves(
    superuser_client: Client, superuser: User, alice: User
) -> None:
    messages = act(superuser_client, "suspend", [superuser, alice])
    assert "@boss: You cannot do that to yourself." in messages
    assert "Suspended: 1." in messages
    assert User.objects.get(pk=superuser.pk).is_active
    assert [entry[1] for entry in logged()] == [str(alice.pk)]


def test_only_superusers_suspend_staff(
    moderator_client: Client, superuser_client: Client, superuser: User
) -> None:
    (message,) = act(moderator_client, "suspend", [superuser])
    assert "Only a superuser may do that" in message
    assert User.objects.get(pk=superuser.pk).is_active
    mod = User.objects.get(handle="warden")
    assert act(superuser_client, "suspend", [mod]) == ["Suspended: 1."]


def test_superusers_delete_an_account_at_once(
    moderator_client: Client, superuser_client: Client, superuser: User, alice: User
) -> None:
    data = {"action": "delete_now", "_selected_action": [alice.pk]}
    moderator_client.post(address(User), data)
    assert User.objects.get(pk=alice.pk).delete_at is None
    messages = act(superuser_client, "delete_now", [superuser, alice])
    assert "@boss: You cannot do that to yourself." in messages
    row = User.objects.get(pk=alice.pk)
    assert row.delete_at is not None
    assert not row.is_active
    assert list(Event.objects.filter(topic="account.purge_due").values_list("payload", flat=True))
    page = superuser_client.get(address(User), {"state": "deleting"}).content.decode()
    assert "to be deleted on" in page
    assert "alice" in page


def test_the_view_permission_allows_no_actions(moderator: User, alice: User) -> None:
    viewer = browser(moderator, "accounts.view_user")
    assert shown(viewer, User)
    viewer.post(address(User), {"action": "suspend", "_selected_action": [alice.pk]})
    assert User.objects.get(pk=alice.pk).is_active
    assert logged() == []


def test_staff_without_permissions_are_refused(moderator: User) -> None:
    assert browser(moderator).get(address(User)).status_code == 403


def test_accounts_can_be_neither_added_nor_deleted(superuser_client: Client, alice: User) -> None:
    assert superuser_client.get(address(User, "add")).status_code == 403
    assert (
        superuser_client.post(address(User, "delete", alice.pk), {"post": "yes"}).status_code == 403
    )
    data = {"action": "delete_selected", "_selected_action": [alice.pk], "post": "yes"}
    superuser_client.post(address(User), data)
    assert User.objects.filter(pk=alice.pk).exists()


# --- Permissions and passwords ------------------------------------------------------------------


def test_a_superuser_grants_permissions(
    superuser_client: Client, superuser: User, alice: User
) -> None:
    group = Group.objects.create(name="moderators")
    data = {"is_staff": "on", "groups": [group.pk]}
    response = confirmed(superuser_client, address(User, "change", alice.pk), data)
    assert response.status_code == 200
    granted = User.objects.get(pk=alice.pk)
    assert granted.is_staff
    assert not granted.is_superuser
    assert list(granted.groups.all()) == [group]
    assert logged()[0][:2] == (superuser.pk, str(alice.pk))


def test_a_moderator_cannot_grant_permissions(moderator_client: Client, moderator: User) -> None:
    response = moderator_client.post(address(User, "change", moderator.pk), {"is_superuser": "on"})
    assert response.status_code == 403
    assert not User.objects.get(pk=moderator.pk).is_superuser


def test_granting_permissions_changes_nothing_else(
    superuser_client: Client, alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A follow while the form is being saved must not be lost from the count."""
    from accounts.admin import UserAdmin

    save = UserAdmin.save_model

    def follow_before_saving(*args: object) -> None:
        people.follow(follower=bob, followee=alice)
        save(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(UserAdmin, "save_model", follow_before_saving)
    data = {"is_staff": "on", "handle": "mallory", "followers_count": "7"}
    confirmed(superuser_client, address(User, "change", alice.pk), data)
    changed = User.objects.get(pk=alice.pk)
    assert (changed.handle, changed.is_staff, changed.followers_count) == ("alice", True, 1)
    assert check() == []


def change_password(client: Client, user: User, first: str, second: str) -> int:
    """The status of the response to the password form, and to the question that may follow it."""
    path = reverse("admin:auth_user_password_change", args=[user.pk])
    assert client.get(path).status_code in {200, 403}
    passwords = {"password1": first, "password2": second}
    response = client.post(path, passwords)
    if response.status_code == 200 and asks(response):
        response = client.post(path, answer_to(response, **passwords))
    return response.status_code


def test_a_superuser_sets_a_password(
    superuser_client: Client, superuser: User, alice: User
) -> None:
    issue(user=alice, now=timezone.now())
    assert change_password(superuser_client, alice, NEW, NEW) == 302
    assert services.sign_in(login="alice", password=NEW, now=timezone.now()) == alice
    assert not TokenFamily.objects.exists(), "the refresh tokens are revoked"
    assert [entry[:2] for entry in logged()] == [(superuser.pk, str(alice.pk))]


def test_a_superuser_sets_the_first_password_of_an_account(
    superuser_client: Client, db: None
) -> None:
    user = services.register_without_password(handle="dora", email="dora@example.org")
    with pytest.raises(services.BadCredentials):
        services.sign_in(login="dora", password=PASSWORD, now=timezone.now())
    assert change_password(superuser_client, user, NEW, NEW) == 302
    assert services.sign_in(login="dora", password=NEW, now=timezone.now()) == user


@pytest.mark.parametrize(
    ("first", "second"),
    [
        *(("", ""), (NEW, ""), (NEW, f"{NEW}!"), ("12345678", "12345678"), ("alice", "alice")),
        *(("password", "password"), ("x" * 1001, "x" * 1001), (f"{NEW}\x00", f"{NEW}\x00")),
    ],
)
def test_it_refuses_a_bad_password(
    superuser_client: Client, alice: User, first: str, second: str
) -> None:
    assert change_password(superuser_client, alice, first, second) == 200
    assert services.sign_in(login="alice", password=PASSWORD, now=timezone.now()) == alice
    assert logged() == []


def test_a_password_is_asked_about_and_typed_again(superuser_client: Client, alice: User) -> None:
    path = reverse("admin:auth_user_password_change", args=[alice.pk])
    question = superuser_client.post(path, {"password1": NEW, "password2": NEW})
    assert asks(question)
    page = question.content.decode()
    assert "Set a new password for @alice?" in page
    assert "alice@example.org" in page
    assert NEW not in page
    superuser_client.post(path, answer_to(question))  # yes, and no password
    superuser_client.post(path, answer_to(question, password1=NEW, password2="another"))
    assert services.sign_in(login="alice", password=PASSWORD, now=timezone.now()) == alice
    assert logged() == []


@pytest.mark.parametrize("field", ["is_staff", "is_superuser", "groups", "user_permissions"])
def test_rights_are_asked_about(superuser_client: Client, alice: User, field: str) -> None:
    group = Group.objects.create(name="moderators")
    permission = Permission.objects.get(codename="change_user")
    values = {"groups": [group.pk], "user_permissions": [permission.pk]}
    question = superuser_client.post(
        address(User, "change", alice.pk), {field: values.get(field, "on")}
    )
    assert asks(question)
    page = question.content.decode()
    assert "Change the rights of @alice?" in page
    assert {"groups": "moderators", "user_permissions": "Can change user"}.get(field, "yes") in page
    alice.refresh_from_db()
    assert not alice.is_staff
    assert not alice.is_superuser
    assert not alice.groups.exists()
    assert not alice.user_permissions.exists()
    assert logged() == []


def test_an_answer_is_to_the_question_that_was_asked(superuser_client: Client, alice: User) -> None:
    path = address(User, "change", alice.pk)
    answer = answer_to(superuser_client.post(path, {"is_staff": "on"}))
    assert asks(superuser_client.post(path, {**answer, "is_superuser": "on"}))
    assert not User.objects.get(pk=alice.pk).is_superuser


def test_the_rights_of_a_group_are_asked_about(superuser_client: Client, db: None) -> None:
    group = Group.objects.create(name="moderators")
    permission = Permission.objects.get(codename="change_user")
    path, data = address(Group, "change", group.pk), {"name": "mods", "permissions": permission.pk}
    assert asks(superuser_client.post(path, data))
    assert not group.permissions.exists()
    confirmed(superuser_client, path, data)
    assert list(group.permissions.all()) == [permission]
    assert superuser_client.post(path, {**data, "name": "wardens"}).status_code == 302


def test_a_moderator_cannot_set_passwords(moderator_client: Client, alice: User) -> None:
    assert change_password(moderator_client, alice, NEW, NEW) == 403
    assert services.sign_in(login="alice", password=PASSWORD, now=timezone.now()) == alice


# --- Follows ------------------------------------------------------------------------------------


@pytest.fixture
def follow(alice: User, bob: User) -> Follow:
    """Bob follows alice."""
    return people.follow(follower=bob, followee=alice)


@pytest.mark.parametrize("term", ["alice", "@ALICE", "bob"])
def test_search_finds_follows_by_follower_or_followee(
    superuser_client: Client, follow: Follow, charlie: User, superuser: User, term: str
) -> None:
    people.follow(follower=charlie, followee=superuser)
    assert shown(superuser_client, Follow, f"?q={term}") == [follow.pk]
    assert shown(superuser_client, Follow, "?q=ali") == [], "only whole handles match"


def test_the_kind_filter_separates_requests_from_follows(
    superuser_client: Client, follow: Follow, charlie: User
) -> None:
    update_profile(user=charlie, changes={"private": True})
    request = people.follow(follower=follow.follower, followee=charlie)
    assert shown(superuser_client, Follow, "?kind=request") == [request.pk]
    assert shown(superuser_client, Follow, "?kind=follow") == [follow.pk]


def test_deleting_follows_calls_the_service_and_is_logged(
    superuser_client: Client, superuser: User, follow: Follow
) -> None:
    confirmation = superuser_client.post(
        address(Follow), {"action": "delete_selected", "_selected_action": [follow.pk]}
    )
    assert "@bob follows @alice" in confirmation.content.decode()
    assert Follow.objects.exists(), "nothing is deleted before the confirmation"
    act(superuser_client, "delete_selected", [follow], post="yes")
    assert not Follow.objects.exists()
    assert check() == []
    assert Event.objects.filter(topic="follow.ended").exists()
    assert logged() == [(superuser.pk, str(follow.pk), "@bob follows @alice")]


def test_deleting_one_follow_from_its_page(superuser_client: Client, follow: Follow) -> None:
    assert superuser_client.get(address(Follow, "change", follow.pk)).status_code == 200
    assert (
        superuser_client.post(address(Follow, "delete", follow.pk), {"post": "yes"}).status_code
        == 302
    )
    assert not Follow.objects.exists()
    assert check() == []
    assert len(logged()) == 1


def test_follows_can_be_neither_added_nor_changed(superuser_client: Client, follow: Follow) -> None:
    assert superuser_client.get(address(Follow, "add")).status_code == 403
    assert (
        superuser_client.post(address(Follow, "change", follow.pk), {"reposts": ""}).status_code
        == 403
    )


def test_the_follow_list_makes_a_constant_number_of_queries(
    superuser_client: Client, follow: Follow, person: Callable[..., User]
) -> None:
    def add_followers() -> None:
        for number in range(9):
            people.follow(follower=person(f"extra{number}"), followee=follow.followee)

    asserts_flat(superuser_client, Follow, add_followers)
