"""Notifications that are settled by several workers at once."""

from collections.abc import Callable
from functools import partial
from threading import Event as Signal

import pytest
from celery import current_app
from django.db import transaction

from accounts.models import User
from notifications import markers, selectors, services, settling
from notifications.models import Group, Notification
from outbox import relaying
from outbox.models import Event
from outbox.relaying import Delivery
from people import services as people
from tests.helpers.notifications import shown
from tests.helpers.threads import Job, at_once
from tests.helpers.tweets import post
from tweets import marks
from tweets.models import Like

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def likers(person: Callable[[str], User], transactional_db: None) -> list[User]:
    """Fifty accounts."""
    return [person(f"liker{number}") for number in range(50)]


def deliver_all() -> list[Job]:
    """A job for each task that the relay sends: what as many workers would do at once."""
    current_app.loader.import_default_modules()
    sent: list[Delivery] = []
    relaying.relay(to=sent.extend)
    return [partial(current_app.tasks[delivery.task], event_ids=[delivery.pk]) for delivery in sent]


def test_fifty_likers_at_once_are_one_group(alice: User, likers: list[User]) -> None:
    tweet = post(alice)
    assert at_once([partial(marks.like, user=u, tweet_id=tweet.pk) for u in likers]) == []
    assert at_once(deliver_all()) == []
    group = Group.objects.get(kind="like")
    assert (group.count, len(group.actors)) == (50, 5)
    assert Notification.objects.filter(standing=True).count() == 50
    assert not Event.objects.filter(topic="tweet.liked").exists()


def test_likes_and_unlikes_race_their_tasks(alice: User, likers: list[User]) -> None:
    tweet, users = post(alice), likers[:12]

    def change_of_mind(user: User, times: int) -> None:
        for _ in range(times):
            marks.like(user=user, tweet_id=tweet.pk)
            services.liked(likes=[(tweet.pk, user.pk)])
            marks.unlike(user=user, tweet_id=tweet.pk)

    jobs: list[Job] = [partial(change_of_mind, u, 3) for u in users]
    late: list[Job] = [partial(services.liked, likes=[(tweet.pk, u.pk)]) for u in users]
    assert at_once(jobs + late) == []
    for user in users[:4]:
        marks.like(user=user, tweet_id=tweet.pk)
    assert at_once(deliver_all()) == []
    assert Like.objects.count() == 4
    assert [s.number for s in shown(alice)] == [4]
    assert Group.objects.get().count == Notification.objects.filter(standing=True).count() == 4


def test_batches_about_many_recipients_do_not_wait_for_each_other_forever(
    likers: list[User],
) -> None:
    users = likers[:8]
    tweets = [post(user) for user in users]
    likes = [(tweet.pk, user.pk) for tweet in tweets for user in users]
    for tweet_id, user_id in likes:
        marks.like(user=User(pk=user_id), tweet_id=tweet_id)
    orders = [likes, likes[::-1], likes[1::2] + likes[::2], likes[::2] + likes[1::2]]
    assert at_once([partial(services.liked, likes=o) for o in orders]) == []
    assert {g.count for g in Group.objects.all()} == {7}


def test_neither_likes_nor_readers_wait_for_a_worker(alice: User, likers: list[User]) -> None:
    tweet, (bob, charlie) = post(alice), likers[:2]
    marks.like(user=charlie, tweet_id=tweet.pk)
    services.liked(likes=[(tweet.pk, charlie.pk)])
    begun, over = Signal(), Signal()

    def work() -> None:
        with transaction.atomic():
            services.liked(likes=[(tweet.pk, charlie.pk)])
            settling.lock({alice.pk})
            begun.set()
            assert over.wait(30), "somebody waited for the worker"

    def use() -> None:
        assert begun.wait(30)
        marks.like(user=bob, tweet_id=tweet.pk)
        assert selectors.unread(user_id=alice.pk) == 1
        markers.read_notifications(user=alice)
        over.set()

    assert at_once([work, use]) == []


def test_a_block_that_races_a_like_leaves_nothing(alice: User, likers: list[User]) -> None:
    tweet, users = post(alice), likers[:8]
    for user in users:
        marks.like(user=user, tweet_id=tweet.pk)
    jobs = deliver_all()
    blocks: list[Job] = [partial(people.block, blocker=alice, blocked=u) for u in users]
    assert at_once(jobs + blocks) == []
    assert at_once(deliver_all()) == []
    assert shown(alice) == []
    assert not Notification.objects.filter(standing=True).exists()
