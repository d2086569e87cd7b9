"""The metrics of timelines are counted when the events that they describe happen."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import User
from chirp import ids
from chirp.redis.client import guarded
from outbox import services as outbox
from outbox.services import LIVE
from people import services as people
from tests.helpers.faults import embedded_servers, without
from tests.helpers.metrics import value
from tests.helpers.timelines import Drain, Person, post, read
from timelines import celebrities, fanout, metrics, store
from tweets.deleting import delete_tweet

pytestmark = pytest.mark.django_db
Growth = Callable[..., float]


@pytest.fixture
def growth() -> Growth:
    """A function that returns how much a counter has grown since its last call."""
    last: dict[str, float] = {}

    def measure(name: str, **labels: str) -> float:
        key, current = f"{name}{labels}", value(f"chirp_timeline_{name}", **labels)
        before, last[key] = last.get(key, 0.0), current
        return current - before

    return measure


def test_a_fan_out(alice: User, bob: User, charlie: User, drain: Drain, growth: Growth) -> None:
    for follower in (bob, charlie):
        people.follow(follower=follower, followee=alice)
    drain()
    read(bob)  # makes his timeline warm; that of charlie stays cold
    names = ("fan_outs_total", "pushes_total", "deliveries_total", "delivery_seconds_count")
    for name in names:
        growth(name)
    before = value("chirp_timeline_delivery_seconds_sum")
    post(alice)
    tasks = set(settings.OUTBOX_ROUTES["tweet.posted"]) - {LIVE}
    assert drain(times=2) == len(tasks)
    assert [growth(name) for name in names] == [2, 4, 1, 2], "two fan-outs add the id once"
    assert 0 < value("chirp_timeline_delivery_seconds_sum") - before < 60


def test_reads_and_rebuilds(alice: User, bob: User, drain: Drain, growth: Growth) -> None:
    def counts() -> list[float]:
        states = [growth("reads_total", state=state) for state in ("warm", "cold", "away")]
        built = growth("populates_total", kind="home", outcome="finished")
        return [*states, built]

    people.follow(follower=bob, followee=alice)
    post(alice)
    drain()
    counts()
    read(bob)
    assert counts() == [0, 1, 0, 1]
    read(bob)
    assert counts() == [1, 0, 0, 0]


def test_a_rebuild_whose_lease_ended(bob: User, growth: Growth) -> None:
    growth("populates_total", kind="home", outcome="lost")
    assert not metrics.count_populate("home", finished=False)
    assert growth("populates_total", kind="home", outcome="lost") == 1


def test_promotions_and_demotions(alice: User, bob: User, drain: Drain, growth: Growth) -> None:
    names = ("promotions_total", "demotions_total")
    [growth(name) for name in names]
    growth("populates_total", kind="author", outcome="finished")
    people.follow(follower=bob, followee=alice)
    celebrities.set_override(author=alice, decision="pull")
    drain()
    assert [growth(name) for name in names] == [1, 0]
    read(bob)
    assert growth("populates_total", kind="author", outcome="finished") == 1
    celebrities.set_override(author=alice, decision="push")
    assert [growth(name) for name in names] == [0, 1]


def test_follows_unfollows_and_deletions(
    alice: User, bob: User, drain: Drain, growth: Growth
) -> None:
    names = ("merges_total", "unmerges_total", "retracts_total")
    read(bob)
    [growth(name) for name in names]
    tweet_id = post(alice)
    people.follow(follower=bob, followee=alice)
    drain()
    assert [growth(name) for name in names] == [1, 0, 0]
    people.unfollow(follower=bob, followee=alice)
    delete_tweet(author=alice, tweet_id=tweet_id)
    drain()
    assert growth("unmerges_total") == 1


def test_reads_that_continue_in_postgres(
    alice: User, bob: User, drain: Drain, growth: Growth, client: Client
) -> None:
    def fallbacks() -> list[float]:
        reasons = ("being_built", "below_floor", "redis_away")
        return [growth("fallback_reads_total", reason=reason) for reason in reasons]

    people.follow(follower=bob, followee=alice)
    for _ in range(3):
        post(alice)
    drain()
    fallbacks()
    token = store.announce([store.home(bob.pk)])
    read(bob)
    assert fallbacks() == [1, 0, 0]
    newest = max(read(bob))
    fallbacks()
    store.finish({store.home(bob.pk): store.Span([newest], newest - 1)}, token)
    read(bob)
    assert fallbacks() == [0, 1, 0]


@pytest.mark.django_db(transaction=True)
def test_a_read_without_redis(bob: User, growth: Growth) -> None:
    growth("reads_total", state="away")
    growth("fallback_reads_total", reason="redis_away")
    with without(embedded_servers().valkey):
        read(bob)
    guarded.reset()
    assert growth("reads_total", state="away") == 1
    assert growth("fallback_reads_total", reason="redis_away") == 1


def test_the_lag_is_the_age_of_the_oldest_fan_out(person: Person, drain: Drain) -> None:
    lag = "chirp_timeline_fan_out_lag_seconds"
    author, reader = person("author"), person("reader")
    drain()
    people.follow(follower=reader, followee=author)
    assert value(lag) == 0, "only a merge is pending, which is not a fan-out"
    post(author)
    assert value(lag) > 0
    assert value("chirp_outbox_owed_events") == outbox.owed() == 2


def test_an_id_has_an_age() -> None:
    assert 0 <= ids.age_seconds(ids.draw()[0]) < 60
    assert ids.age_seconds(ids.MAX_ID) == 0, "an age is not negative if the clock is behind"
    assert fanout.RANGE_SIZE == 5_000, "the text of chirp_timeline_fan_outs_total says so"


def test_the_prepared_queries_of_a_home_page_are_counted(alice: User, client: Client) -> None:
    def queries() -> float:
        return value("chirp_http_request_queries_sum", route="/api/timelines/home")

    client.force_login(alice)
    assert client.get("/api/timelines/home").status_code == 200
    before = queries()
    assert client.get("/api/timelines/home").status_code == 200
    # The session, the signed-in user, the authors that they pull, and the tweets.
    assert queries() - before == 4
