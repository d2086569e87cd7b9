"""Celebrity overrides in the admin."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from tests.helpers.admin import act, address, asserts_flat, browser, logged, shown
from timelines import celebrities
from timelines.models import CelebrityOverride, PulledAuthor


@pytest.fixture
def operator(person: Callable[..., User]) -> User:
    """An operator of timelines."""
    return person("operator")


@pytest.fixture
def operator_client(operator: User) -> Client:
    """A client that the operator is signed in with."""
    return browser(operator, "accounts.view_user", "timelines.change_celebrityoverride")


def delivery(operator_client: Client, user: User) -> str:
    """Return the delivery that the admin page of a user displays."""
    page = operator_client.get(address(User, "change", user.pk)).content.decode()
    return page.partition("Delivery:")[2].partition('<div class="readonly">')[2].partition("<")[0]


def test_without_an_override_the_follower_count_decides(
    operator_client: Client, alice: User
) -> None:
    assert delivery(operator_client, alice) == "pushed"


def test_always_pull(operator_client: Client, operator: User, alice: User) -> None:
    assert act(operator_client, "always_pull", [alice]) == ["Always pull: 1."]
    assert delivery(operator_client, alice) == "pulled (always pull)"
    assert PulledAuthor.objects.get().author_id == alice.pk
    assert logged() == [(operator.pk, str(alice.pk), "Always pull")]


def test_always_push_demotes_at_once(
    operator_client: Client, alice: User, drain: Callable[..., int]
) -> None:
    act(operator_client, "always_pull", [alice])
    assert act(operator_client, "always_push", [alice]) == ["Always push: 1."]
    drain()
    assert delivery(operator_client, alice) == "pushed (always push)"


def test_removing_an_override(
    operator_client: Client, alice: User, drain: Callable[..., int]
) -> None:
    act(operator_client, "always_pull", [alice])
    assert act(operator_client, "by_followers", [alice]) == ["By follower count: 1."]
    drain()
    assert delivery(operator_client, alice) == "pushed"
    assert not CelebrityOverride.objects.exists()


def test_it_filters_by_delivery(
    operator_client: Client, alice: User, bob: User, charlie: User
) -> None:
    celebrities.set_override(author=alice, decision="pull")
    celebrities.set_override(author=bob, decision="push")
    assert shown(operator_client, User, "?delivery=pulled") == [alice.pk]
    assert shown(operator_client, User, "?delivery=pull") == [alice.pk]
    assert shown(operator_client, User, "?delivery=push") == [bob.pk]


def test_an_action_on_filtered_users_reaches_all_of_them(
    operator_client: Client, person: Callable[..., User]
) -> None:
    """The action changes the field that the filter uses."""
    authors = [person(f"star{number}") for number in range(5)]
    for author in authors:
        celebrities.set_override(author=author, decision="pull")
    chosen = [author.pk for author in authors]
    data = {"action": "by_followers", "select_across": "1", "_selected_action": chosen[:1]}
    operator_client.post(f"{address(User)}?delivery=pull", data)
    assert not CelebrityOverride.objects.exists()


def test_an_override_requires_the_permission(person: Callable[..., User]) -> None:
    alice = person("alice")
    moderator = browser(person("warden"), "accounts.change_user")
    act(moderator, "always_pull", [alice])
    assert not CelebrityOverride.objects.exists()
    assert act(moderator, "suspend", [alice]) == ["Suspended: 1."]


def test_the_number_of_queries_does_not_depend_on_the_number_of_celebrities(
    operator_client: Client, person: Callable[..., User]
) -> None:
    def add_celebrities() -> None:
        for number in range(9):
            celebrities.set_override(author=person(f"star{number}"), decision="pull")

    asserts_flat(operator_client, User, add_celebrities)
