"""Search for people, and completion of handles."""

from collections.abc import Callable

import pytest
from django.utils import timezone

import search.people
from accounts.models import User
from accounts.services import register, register_many_without_password, suspend
from chirp.pagination import PageRequest
from conftest import PASSWORD
from people import services as people
from people.profile import update_profile
from search.completion import complete
from search.models import Name
from search.people import index_new_people, index_people, refresh_tiers, search_people
from search.query import BadQuery
from tests.helpers.threads import at_once

Drain = Callable[..., int]
Person = Callable[..., User]


@pytest.fixture
def named(db: None) -> Callable[[str, str], User]:
    """Creates accounts that are indexed: `named("ada", "Ada Lovelace")`."""

    def make(handle: str, name: str = "") -> User:
        user = register(handle=handle, email=f"{handle}@example.org", password=PASSWORD, name=name)
        index_people([user.pk])
        return user

    return make


def find(query: str, *, viewer: User | None = None) -> list[str]:
    """The handles of the people that a query finds."""
    page = search_people(viewer=viewer, query=query, page=PageRequest(limit=100))
    return [user.handle for user in page.results]


def test_the_best_match_is_first(named: Callable[..., User], person: Person) -> None:
    for handle, name in (
        ("annabel", ""),
        ("zoe", "Ann Annabel"),
        ("Ann", "Someone"),
        ("xen", "Anna Karenina"),
        ("ann_b", ""),
    ):
        named(handle, name)
    popular = named("annette", "")
    User.objects.filter(pk=popular.pk).update(followers_count=50)
    assert find("ann") == ["Ann", "annette", "annabel", "ann_b", "zoe", "xen"]
    assert find("@ANN")[0] == "Ann"
    viewer = person("viewer")
    people.follow(follower=viewer, followee=User.objects.get(handle="annabel"))
    assert find("ann", viewer=viewer)[:3] == ["Ann", "annabel", "annette"]


def test_all_words_must_match(named: Callable[..., User]) -> None:
    named("ada", "Ada Lovelace")
    named("ada2", "Ada Byron")
    assert find("lovelace ada") == find("ADA love") == ["ada"]
    assert find("ada nobody") == []


def test_names_in_other_scripts(named: Callable[..., User]) -> None:
    named("taro", "山田太郎")
    named("jerome", "Jérôme Łukasz O'Neil")
    assert find("太郎") == ["taro"]
    assert find("jerome lukasz") == find("o'neil") == ["jerome"]


def test_one_typo_is_forgiven(named: Callable[..., User]) -> None:
    named("alice", "Alice Liddell")
    for query in ("alcie", "alise", "alicee", "lidell", "alice lidell"):
        assert find(query) == ["alice"], query
    assert find("alxxe") == find("alcie lidel") == []


def test_a_handle_named_null_is_a_word(named: Callable[..., User]) -> None:
    named("null", "Null Island")
    assert find("null") == find("island null") == find("nulk") == ["null"]


def test_who_is_gone_or_blocks_is_not_found(alice: User, bob: User) -> None:
    index_people([alice.pk, bob.pk])
    assert find("alice", viewer=bob) == ["alice"]
    people.block(blocker=bob, blocked=alice)
    assert find("alice", viewer=bob) == ["alice"]  # to be unblocked
    people.block(blocker=alice, blocked=bob)
    assert find("alice", viewer=bob) == find("alcie", viewer=bob) == []
    assert find("alice") == ["alice"]
    suspend(user=alice, by=bob, now=timezone.now())
    assert find("alice") == []


def test_new_accounts_are_indexed(
    alice: User, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    index_new_people()
    assert find("alice") == ["alice"]
    dora = person("dora")
    register_many_without_password(["emil", "emily"], email_domain="example.org")
    monkeypatch.setattr(search.people, "MOST_NEW", 2)
    index_new_people()
    assert find("dora") + find("emi") == ["dora", "emil"]
    index_new_people()
    assert find("emi") == ["emil", "emily"]
    Name.objects.filter(user=dora).delete()  # as if it had been committed only now
    index_new_people()
    assert find("dora") == ["dora"]


def test_a_new_name_reaches_the_index(drain: Drain, person: Person) -> None:
    user = person("dora")
    update_profile(user=user, changes={"name": "Explorer"})
    drain(times=2)
    assert find("explorer") == ["dora"]
    update_profile(user=user, changes={"name": ""})
    drain()
    assert find("explorer") == []


@pytest.mark.django_db(transaction=True)
def test_the_newest_name_wins(alice: User) -> None:
    def rename(number: int) -> Callable[[], None]:
        def run() -> None:
            update_profile(user=alice, changes={"name": f"name{number}"})
            index_people([alice.pk])

        return run

    assert at_once([rename(number) for number in range(5)]) == []
    name = User.objects.get().name
    assert set(Name.objects.values_list("word", flat=True)) == {"alice", name}


def test_tiers_follow_the_number_of_followers(alice: User) -> None:
    index_people([alice.pk])
    User.objects.filter(pk=alice.pk).update(followers_count=123_456_789)
    refresh_tiers()
    assert Name.objects.get().tier == 5
    assert find("ali") == ["alice"]


@pytest.mark.parametrize("query", ["", "  ", "@", "?!", "x" * 501])
def test_a_query_without_a_name_is_refused(db: None, query: str) -> None:
    with pytest.raises(BadQuery):
        find(query)


def test_completion(named: Callable[..., User], bob: User) -> None:
    named("alice", "Wonderland Alice")
    for query in ("al", "word -from:@AL", "@ali", "wond"):
        assert [user.handle for user in complete(viewer=bob, query=query).people] == ["alice"]
    for query in ("", " ", "al ", "#al", "lice", "alcie", "\x00", "x" * 999):
        assert complete(viewer=None, query=query).people == []
