"""The timeline of a list: whoever reads it, the rules of home decide, except that of follows."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from chirp.pagination import Cursor, PageRequest
from filters.matching import Phrase
from filters.services import create_filter
from lists import services as lists
from lists.models import PeopleList
from people import services as people
from timelines import candidates, oracle, paging
from timelines.lists import list_timeline
from tweets import marks
from tweets.models import Tweet
from tweets.posting import post_tweet

pytestmark = pytest.mark.django_db
Person = Callable[[str], User]


@pytest.fixture
def found(alice: User, bob: User, charlie: User) -> PeopleList:
    """A list of bob that everybody may read, with alice and charlie on it."""
    made = lists.create_list(owner=bob, name="Birds", private=False)
    for member in (alice, charlie):
        lists.add_member(owner=bob, list_id=made.pk, user=member)
    return made


def post(author: User, text: str = "hello", **more: object) -> Tweet:
    return post_tweet(author=author, text=text, **more)  # type: ignore[arg-type]


def read(found: PeopleList, viewer: User | None) -> list[int]:
    """The ids of a whole timeline, which is as the oracle says."""
    for limit in (1, 2, 50):
        assert oracle.verify_list(viewer, found, limit=limit) is None
    page = list_timeline(viewer=viewer, found=found, page=PageRequest(limit=50))
    return [entry.id for entry in page.results]


def test_it_has_what_members_write_for_those_who_may_see_it(
    found: PeopleList, alice: User, bob: User, charlie: User, person: Person
) -> None:
    dora = person("dora")
    public, unlisted = post(alice), post(charlie, visibility="unlisted")
    for_followers = post(alice, visibility="followers")
    mention = post(alice, "@bob", visibility="followers")
    direct = post(charlie, "@bob", visibility="direct")
    post(dora)
    everybody = [unlisted.pk, public.pk]
    assert read(found, None) == everybody
    assert read(found, dora) == everybody
    assert read(found, bob) == [direct.pk, mention.pk, *everybody]
    people.follow(follower=bob, followee=alice)
    assert read(found, bob) == [direct.pk, mention.pk, for_followers.pk, *everybody]
    User.objects.filter(pk=charlie.pk).update(private=True)
    assert read(found, None) == [public.pk]
    assert read(found, bob) == [direct.pk, mention.pk, for_followers.pk, public.pk]
    assert read(found, charlie) == [direct.pk, unlisted.pk, public.pk]


def test_replies_reposts_mutes_and_filters_are_as_at_home(
    found: PeopleList, alice: User, bob: User, charlie: User, person: Person
) -> None:
    dora = person("dora")
    theirs, mine = post(dora), post(bob)
    answer = post(alice, "The finale", reply_to_id=mine.pk)
    to_stranger = post(alice, reply_to_id=theirs.pk)
    reposts = [marks.repost(user=user, tweet_id=theirs.pk).pk for user in (alice, charlie)]
    assert read(found, bob) == [reposts[1], answer.pk]
    people.follow(follower=bob, followee=dora)
    assert read(found, bob) == [reposts[1], to_stranger.pk, answer.pk]
    people.follow(follower=bob, followee=charlie, reposts=False)
    assert read(found, bob) == [reposts[0], to_stranger.pk, answer.pk]
    User.objects.filter(pk=bob.pk).update(reposts_hidden_until=timezone.now() + timedelta(days=1))
    assert read(found, bob) == [to_stranger.pk, answer.pk]
    phrases = [Phrase("finale", whole_word=True)]
    create_filter(owner=bob, title="x", phrases=phrases, contexts=["home"], action="hide")
    assert read(found, bob) == [to_stranger.pk]
    people.mute(muter=bob, muted=alice)
    assert read(found, bob) == []
    assert read(found, dora) == [reposts[1], to_stranger.pk]


def test_who_blocks_the_owner_or_the_reader_is_not_in_it(
    found: PeopleList, alice: User, bob: User, charlie: User, person: Person
) -> None:
    dora = person("dora")
    first, second = post(alice), post(charlie)
    people.block(blocker=alice, blocked=dora)
    assert read(found, dora) == [second.pk]
    assert read(found, bob) == [second.pk, first.pk]
    people.block(blocker=alice, blocked=bob)
    assert read(found, None) == [second.pk]
    people.unblock(blocker=alice, blocked=bob)
    assert read(found, bob) == [second.pk, first.pk]


def test_it_is_read_in_both_directions_with_bounded_work(
    found: PeopleList,
    alice: User,
    bob: User,
    charlie: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(candidates, "SCAN", 4)
    monkeypatch.setattr(candidates, "PER_AUTHOR_LEAST", 1)
    monkeypatch.setattr(candidates, "PER_AUTHOR_FACTOR", 1)
    monkeypatch.setattr(paging, "BATCH_SPARE", 0)
    written = []
    for number in range(30):
        hidden = number % 6 > 1  # most of what alice writes is for her followers
        author = charlie if number % 10 == 9 else alice
        visibility = "followers" if hidden and author == alice else "public"
        tweet = post(author, visibility=visibility)
        written += [tweet.pk] if visibility == "public" else []
    assert read(found, bob) == written[::-1]
    ids: list[int] = []
    cursor: Cursor | None = Cursor(after=0)
    while cursor is not None:
        page = list_timeline(viewer=bob, found=found, page=PageRequest(limit=4, cursor=cursor))
        ids += [entry.id for entry in page.results][::-1]
        cursor = page.previous
    assert ids == written


def test_the_queries_of_a_page_do_not_grow_with_members(
    found: PeopleList, alice: User, bob: User, person: Person
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            page = list_timeline(viewer=bob, found=found, page=PageRequest(limit=2))
        assert len(page.results) == 2
        return len(queries)

    for _ in range(3):
        post(alice)
    before = cost()
    for number in range(5):
        member = person(f"member{number}")
        lists.add_member(owner=bob, list_id=found.pk, user=member)
        post(member)
    assert cost() == before == 3  # the reader, the candidates, and the tweets
