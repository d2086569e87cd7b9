"""Hashtags and people on a profile, through the API."""

import pytest

from accounts.models import User
from lists.featured_hashtags import MAX_FEATURED
from people.services import block, follow
from tests.helpers.api_client import Api
from tweets.posting import post_tweet

pytestmark = pytest.mark.django_db


def test_people_on_a_profile(alice: User, bob: User) -> None:
    api, path = Api(alice), "/api/users/bob/feature"
    assert (api.put(path).status_code, api.put(path).json()["error"]) == (
        400,
        "not_followed",
    )
    follow(follower=alice, followee=bob)
    assert api.put(path).json()["featured"] is True
    page = Api().get("/api/users/alice/featured-people").json()
    assert [each["handle"] for each in page["results"]] == ["bob"]
    assert api.get("/api/users/bob").json()["relationship"]["featured"] is True
    assert api.delete(path).json()["featured"] is False
    assert Api().get("/api/users/alice/featured-people").json()["results"] == []
    assert Api().put(path).status_code == 401
    assert api.put("/api/users/nobody/feature").status_code == 404


def test_hashtags_on_a_profile(alice: User, bob: User) -> None:
    api, path = Api(alice), "/api/users/alice/featured-hashtags"
    post_tweet(author=alice, text="#Garden")
    assert api.put("/api/hashtags/GARDEN/feature").json() == {"tag": "garden", "featured": True}
    assert Api().get(path).json() == {"results": [{"tag": "garden", "tweets": 1}]}
    assert api.delete("/api/hashtags/garden/feature").json() == {
        "tag": "garden",
        "featured": False,
    }
    assert Api().get(path).json() == {"results": []}
    for number in range(MAX_FEATURED):
        assert api.put(f"/api/hashtags/tag{number}/feature").status_code == 200
    refused = api.put("/api/hashtags/more/feature")
    assert (refused.status_code, refused.json()["error"]) == (409, "too_many_featured")
    assert api.put("/api/hashtags/-/feature").status_code == 404
    assert Api().put("/api/hashtags/garden/feature").status_code == 401
    block(blocker=alice, blocked=bob)
    assert Api(bob).get(path).status_code == 403
    assert Api(bob).get("/api/users/alice/featured-people").status_code == 403
