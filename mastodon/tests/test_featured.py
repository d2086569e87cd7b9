"""Hashtags and people on a profile, as apps see and change them."""

import pytest

from accounts.models import User
from lists.featured_hashtags import MAX_FEATURED
from people.profile import update_profile
from people.services import block, follow
from tests.helpers.mastodon_client import Mastodon
from tweets.posting import post_tweet

pytestmark = pytest.mark.django_db


def test_hashtags(alice: User, bob: User) -> None:
    client, of_alice = Mastodon(alice), f"accounts/{alice.pk}/featured_tags"
    post_tweet(author=alice, text="#Birds")
    (suggested,) = client.get("featured_tags/suggestions", "[Tag]")
    assert (suggested["name"], suggested["featuring"]) == ("birds", False)
    made = client.post("featured_tags", "FeaturedTag", {"name": "Birds"})
    assert (made["name"], made["statuses_count"]) == ("birds", "1")
    assert client.post("featured_tags", "FeaturedTag", {"name": "birds"}) == made
    assert client.post("tags/bees/feature", "Tag")["featuring"] is True
    assert client.get("tags/bees", "Tag")["featuring"] is True
    (bees, birds) = Mastodon().get(of_alice, "[FeaturedTag]")
    assert birds == made
    assert (bees["statuses_count"], bees["last_status_at"]) == ("0", None)
    assert client.get("featured_tags", "[FeaturedTag]") == [bees, birds]
    assert client.get("featured_tags/suggestions", "[Tag]") == []
    assert client.post("tags/bees/unfeature", "Tag")["featuring"] is False
    Mastodon(bob).delete(f"featured_tags/{made['id']}", status=404)
    client.delete(f"featured_tags/{made['id']}", "Empty")
    client.delete(f"featured_tags/{made['id']}", status=404)
    assert client.get(of_alice) == []


def test_hashtags_that_cannot_be_shown(alice: User, bob: User) -> None:
    client = Mastodon(alice)
    for body in ({}, {"name": ""}):
        client.post("featured_tags", "", body, status=400)
    for name in ("-", "two words", "#"):
        client.post("featured_tags", "", {"name": name}, status=422)
    client.post("tags/-/feature", status=404)
    client.post("tags/-/unfeature", status=404)
    Mastodon().post("featured_tags", "", {"name": "one"}, status=401)
    for number in range(MAX_FEATURED):
        client.post(f"tags/tag{number}/feature", "Tag")
    client.post("tags/more/feature", status=422)
    block(blocker=alice, blocked=bob)
    of_alice = f"accounts/{alice.pk}/featured_tags"
    assert Mastodon(bob).get(of_alice) == []
    update_profile(user=alice, changes={"private": True})
    assert Mastodon().get(of_alice) == []
    assert len(client.get(of_alice, "[FeaturedTag]")) == MAX_FEATURED


def test_people(alice: User, bob: User) -> None:
    client, to_bob = Mastodon(alice), f"accounts/{bob.pk}"
    client.post(f"{to_bob}/endorse", status=422)
    follow(follower=alice, followee=bob)
    assert client.post(f"{to_bob}/endorse", "Relationship")["endorsed"] is True
    assert client.post(f"{to_bob}/pin", "Relationship")["endorsed"] is True
    for path in ("endorsements", f"accounts/{alice.pk}/endorsements"):
        assert [each["acct"] for each in client.get(path, "[Account]")] == ["bob"]
    assert Mastodon(bob).get("endorsements") == []
    assert client.post(f"{to_bob}/unfollow", "Relationship")["endorsed"] is False
    assert client.get("endorsements") == []
    follow(follower=alice, followee=bob)
    client.post(f"{to_bob}/pin", "Relationship")
    assert client.post(f"{to_bob}/unpin", "Relationship")["endorsed"] is False
    assert client.post(f"{to_bob}/unendorse", "Relationship")["endorsed"] is False
    block(blocker=bob, blocked=alice)
    assert client.get(f"{to_bob}/endorsements") == []
    client.post("accounts/1/endorse", status=404)
