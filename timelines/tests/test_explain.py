"""In a random town, each explanation of home agrees with it, and so does its ranked view."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from chirp.errors import NotFound
from chirp.pagination import PageRequest
from lists import hashtags
from lists import services as lists
from people import services as people
from tests.helpers.random_use import CHANGING, WRITING, Town
from timelines import oracle
from timelines.explain import explain
from timelines.paging import original_id
from timelines.ranked import home_ranked
from tweets.models import Tweet

pytestmark = pytest.mark.django_db
PEOPLE = 5
STEPS = 130
WEIGHTS = {**CHANGING, **WRITING, "follow": 44, "repost": 40, "unmute": 12, "unblock": 12}


@pytest.mark.parametrize(("seed", "backfill"), [(1, True), (2, False)])
def test_explanations_and_the_ranked_view_agree_with_the_timelines(
    seed: int,
    backfill: bool,
    person: Callable[[str], User],
    drain: Callable[..., int],
    settings: Settings,
) -> None:
    settings.HOME_MAX_LENGTH, settings.CELEBRITY_FOLLOWERS = 5, 3
    settings.TIMELINE_BACKFILL_ON_FOLLOW = backfill
    town = [person(f"person{number}") for number in range(PEOPLE)]
    for number, user in enumerate(town):
        people.follow(follower=user, followee=town[number - 1])
    _choose(town)
    Town(town, seed=seed).live(STEPS, WEIGHTS)
    drain()

    codes = set()
    for viewer in User.objects.filter(pk__in=[user.pk for user in town]):
        timeline = {id_ for id_, _ in oracle.entries(viewer)}
        for tweet_id in Tweet.objects.values_list("pk", flat=True):
            shown, said = _explained(viewer, tweet_id)
            assert shown == (tweet_id in timeline), (viewer, tweet_id, said)
            codes |= said
        assert _ranked(viewer) == _by_original(oracle.entries(viewer)), viewer

    assert {"own", "followed", "reposted", "not_followed", "not_visible", "folded"} <= codes


def _choose(town: list[User]) -> None:
    """Give some of the people followed hashtags, exclusive lists and hidden reposts."""
    hashtags.follow_hashtag(user=town[0], tag="town")
    kept = lists.create_list(owner=town[1], name="Quiet", exclusive=True)
    lists.add_member(owner=town[1], list_id=kept.pk, user=town[0])
    User.objects.filter(pk=town[2].pk).update(
        reposts_hidden_until=timezone.now() + timedelta(days=1)
    )


def _by_original(entries: oracle.Entries) -> dict[int, list[int]]:
    """The entries that show the same tweet, newest first, by the id of that."""
    found: dict[int, list[int]] = {}
    for id_, original in entries:
        found.setdefault(original, []).append(id_)
    return found


def _ranked(viewer: User) -> dict[int, list[int]]:
    """The same from all pages of the ranked view, which has them in another order."""
    found: dict[int, list[int]] = {}
    page: PageRequest | None = PageRequest(limit=7)
    while page is not None:
        read = home_ranked(viewer=viewer, page=page)
        for entry in (each.entry for each in read.results):
            assert original_id(entry) not in found
            found[original_id(entry)] = [entry.id, *(older.id for older in entry.folded)]
        page = PageRequest(limit=7, cursor=read.next) if read.next else None
    return found


def _explained(viewer: User, tweet_id: int) -> tuple[bool, set[str]]:
    try:
        explained = explain(viewer=viewer, tweet_id=tweet_id)
    except NotFound:
        return False, {"not_visible"}
    assert explained.reasons
    return explained.shown, {reason.code for reason in explained.reasons}
