"""A suspension hides everything of an account at once, in every list that there is."""

from collections.abc import Callable, Iterator
from itertools import product

from django.urls import get_resolver
from django.utils import timezone

from accounts.models import User
from moderation import deciding
from moderation.models import Action
from people import services as people
from search.tasks import index_new_people, refresh_trends
from tests.helpers.api_client import Api
from tests.helpers.moderation import decided
from tests.helpers.tweets import post
from tweets import marks
from tweets.models import Tweet

CANARY = "kookaburra"
QUERIES = {"search": (f"?q={CANARY}", "?q=alice&type=users", f"?q={CANARY}&type=hashtags")}
# What people reported is theirs, and names the account.
# An answer that repeats the hashtag of its address says nothing of others.
OWN = {"reports", "hashtags/{tag}/follow"}
# Hashtags are counted every few minutes, as public as they were.
COUNTED = {"/api/trends", f"/api/search?q={CANARY}&type=hashtags"}


def lists(tweet: Tweet) -> Iterator[str]:
    """Every address of the API that can be read about bob, a tweet of his, and a hashtag."""
    values = {"handle": ["bob"], "tweet_id": [str(tweet.pk)], "tag": [CANARY], "name": ["home"]}
    for pattern in get_resolver("api.urls").url_patterns:
        route = str(pattern.pattern).replace("<str:", "{").replace(">", "}")
        names = [name for name in values if f"{{{name}}}" in route]
        view = getattr(pattern.callback, "view_class", None)
        if not hasattr(view, "get") or route in OWN or route.count("{") != len(names):
            continue
        for chosen in product(*(values[name] for name in names)):
            path = route.format(**dict(zip(names, chosen, strict=True)))
            for query in QUERIES.get(path, ("",)):
                yield f"/api/{path}{query}"


def test_a_suspension_hides_everything_at_once_everywhere(
    alice: User, bob: User, charlie: User, warden: User, drain: Callable[..., int]
) -> None:
    people.follow(follower=bob, followee=alice)
    people.follow(follower=alice, followee=bob)
    mine = post(bob, "Good morning")
    post(alice, f"@bob #{CANARY} {CANARY}", reply_to_id=mine.pk)
    post(alice, f"{CANARY} #{CANARY}", quote_of_id=mine.pk)
    post(alice, f"@bob {CANARY}", visibility="direct")
    shown = post(alice, f"See {CANARY}")
    marks.like(user=alice, tweet_id=mine.pk)
    marks.repost(user=alice, tweet_id=mine.pk)
    marks.repost(user=charlie, tweet_id=shown.pk)
    drain()
    index_new_people()
    refresh_trends()
    paths, api = list(lists(mine)), Api(bob)

    def saying() -> set[str]:
        """The addresses whose answers say something of alice."""
        answers = {path: api.get(path).content.decode().lower() for path in paths}
        return {path for path, text in answers.items() if CANARY in text or "alice" in text}

    before = saying()
    expected = {"timelines/home", "notifications", "conversations", f"tweets/{mine.pk}/quotes"}
    assert {f"/api/{path}" for path in expected} <= before
    assert len(before) > 12, before
    strike = decided(deciding.begin_case(account=alice), warden, Action.SUSPEND)
    assert saying() <= COUNTED
    drain()
    refresh_trends()
    assert saying() == set()
    counts = api.get(f"/api/tweets/{mine.pk}").json()["counts"]
    assert set(counts.values()) == {0}, counts
    profile = api.get("/api/users/bob").json()["counts"]
    assert (profile["followers"], profile["following"]) == (0, 0)
    deciding.lift(strike_id=strike, by=warden, now=timezone.now())
    drain()
    refresh_trends()
    assert saying() >= before - COUNTED
