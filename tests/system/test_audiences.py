"""Every endpoint and every page, against subjects that not everyone may see."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from accounts import services
from accounts.models import User
from people.models import Block, Follow, Mute
from tests.helpers.in_process import BASE, InProcess
from tools.attack.audiences import rows
from tools.attack.audiences.checks import Edge, wrong_edges
from tools.attack.audiences.run import attack
from tools.attack.audiences.stage import Secret
from tools.attack.operations import Operation
from tools.attack.target import Target
from tweets import moderation
from tweets.models import Tweet, TweetVersion


class Moderator:
    """Staff that acts through the services."""

    def __init__(self, user: User) -> None:
        self.user = user

    def suspend(self, handle: str) -> None:
        """Suspend an account."""
        user = User.objects.by_handle(handle).get()
        services.suspend(user=user, by=self.user, now=timezone.now())

    def hide(self, tweet_id: str) -> None:
        """Hide a tweet."""
        moderation.hide_tweet(tweet_id=int(tweet_id), by=self.user)


def stored(secret: Secret) -> object:
    """The rows of a tweet and of its versions."""
    versions = TweetVersion.objects.filter(tweet=int(secret.id)).order_by("pk")
    return list(Tweet.objects.filter(pk=int(secret.id)).values()), list(versions.values())


def edges() -> frozenset[Edge]:
    """All relations between accounts."""
    follows = Follow.objects.values_list("since_id", "follower__handle", "followee__handle")
    blocks = Block.objects.values_list("blocker__handle", "blocked__handle")
    mutes = Mute.objects.values_list("muter__handle", "muted__handle")
    return frozenset(
        [
            *(Edge("follow" if since else "request", *pair) for since, *pair in follows),
            *(Edge("block", *pair) for pair in blocks),
            *(Edge("mute", *pair) for pair in mutes),
        ]
    )


@pytest.mark.slow
@pytest.mark.django_db
def test_nobody_sees_or_changes_what_is_not_for_them(
    alice: User, drain: Callable[..., int]
) -> None:
    target = Target(BASE, adapter=InProcess())
    staff = Moderator(alice)
    wrong = list(attack(target, staff=staff, state=stored, edges=edges, settle=drain))
    assert not wrong, "\n".join(wrong)


def operation(method: str, path: str, *parameters: tuple[str, str], **body: str) -> Operation:
    """An operation whose body has these fields."""
    schema = {"type": "object", "properties": {name: {"type": kind} for name, kind in body.items()}}
    return Operation(method, path, parameters, schema, "application/json", public=False)


def test_an_operation_with_unknown_parameters_is_reported() -> None:
    (path,) = rows.unknown([operation("get", "/api/coins/{coin_id}", ("path", "coin_id"))])
    assert path.startswith("GET /api/coins/{coin_id}: the path parameter `coin_id` is unknown. Add")
    (query,) = rows.unknown([operation("get", "/api/coins", ("query", "side"))])
    assert "the query parameter `side`" in query
    (field,) = rows.unknown([operation("post", "/api/coins", coin_id="string", text="string")])
    assert "the field `coin_id` may name something" in field


def test_relations_that_must_not_arise_are_reported() -> None:
    pair = {"eve", "ann"}
    follow, block = Edge("follow", "eve", "ann"), Edge("block", "ann", "eve")
    nothing: frozenset[Edge] = frozenset()
    for before, after, subject, reported in (
        (nothing, {follow}, "public", 0),
        (nothing, {follow}, "private", 1),
        (nothing, {follow}, "suspended", 1),
        (nothing, {Edge("request", "eve", "ann")}, "private", 0),
        ({block}, {block, follow}, "public", 1),
        ({block}, nothing, "public", 0),
        ({Edge("block", "ann", "bob")}, nothing, "public", 1),  # between others
    ):
        found = wrong_edges(frozenset(before), frozenset(after), subject, pair, "PUT")
        assert len(list(found)) == reported
