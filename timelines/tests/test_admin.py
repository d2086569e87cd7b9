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
    """Who looks after timelines."""
    return person("operator")


@pytest.fixture
def desk(operator: User) -> Client:
    """Where the operator sits."""
    return browser(operator, "accounts.view_user", "timelines.change_celebrityoverride")


def delivery(desk: Client, user: User) -> str:
    """What the page of a person says about their delivery."""
    page = desk.get(address(User, "change", user.pk)).content.decode()
    return page.partition("Delivery:")[2].partition('<div class="readonly">')[2].partition("<")[0]


def test_an_author_is_pushed_by_their_follower_count(desk: Client, alice: User) -> None:
    assert delivery(desk, alice) == "pushed"


def test_always_pull(desk: Client, operator: User, alice: User) -> None:
    assert act(desk, "always_pull", [alice]) == ["Always pull: 1."]
    assert delivery(desk, alice) == "pulled (always pull)"
    assert PulledAuthor.objects.get().author_id == alice.pk
    assert logged() == [(operator.pk, str(alice.pk), "Always pull")]


def test_always_push_demotes_at_once(desk: Client, alice: User, drain: Callable[..., int]) -> None:
    act(desk, "always_pull", [alice])
    assert act(desk, "always_push", [alice]) == ["Always push: 1."]
    drain()
    assert delivery(desk, alice) == "pushed (always push)"


def test_by_follower_count_again(desk: Client, alice: User, drain: Callable[..., int]) -> None:
    act(desk, "always_pull", [alice])
    assert act(desk, "by_followers", [alice]) == ["By follower count: 1."]
    drain()
    assert delivery(desk, alice) == "pushed"
    assert not CelebrityOverride.objects.exists()


def test_it_filters_by_delivery(desk: Client, alice: User, bob: User, charlie: User) -> None:
    celebrities.set_override(author=alice, decision="pull")
    celebrities.set_override(author=bob, decision="push")
    assert shown(desk, User, "?delivery=pulled") == [alice.pk]
    assert shown(desk, User, "?delivery=pull") == [alice.pk]
    assert shown(desk, User, "?delivery=push") == [bob.pk]


def test_an_action_on_what_a_filter_shows_reaches_all_of_it(
    desk: Client, person: Callable[..., User]
) -> None:
    """The action changes the very thing that the filter goes by."""
    people = [person(f"star{number}") for number in range(5)]
    for author in people:
        celebrities.set_override(author=author, decision="pull")
    chosen = [author.pk for author in people]
    data = {"action": "by_followers", "select_across": "1", "_selected_action": chosen[:1]}
    desk.post(f"{address(User)}?delivery=pull", data)
    assert not CelebrityOverride.objects.exists()


def test_an_override_is_for_those_with_the_permission(person: Callable[..., User]) -> None:
    alice = person("alice")
    moderator = browser(person("moderator"), "accounts.change_user")
    act(moderator, "always_pull", [alice])
    assert not CelebrityOverride.objects.exists()
    assert act(moderator, "suspend", [alice]) == ["Suspended: 1."]


def test_the_list_takes_as_many_queries_for_many_celebrities(
    desk: Client, person: Callable[..., User]
) -> None:
    def grow() -> None:
        for number in range(9):
            celebrities.set_override(author=person(f"star{number}"), decision="pull")

    asserts_flat(desk, User, grow)
