"""Avatars and headers."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from accounts import services as accounts
from accounts.models import User
from media import processing
from media.models import Media
from tests.helpers.api_client import Api
from tests.helpers.pages import page
from tests.helpers.pictures import animation, bomb, named, picture
from tests.helpers.tweets import post

pytestmark = pytest.mark.django_db
Drain = Callable[..., int]


def change(person: User, **data: Any) -> Any:
    """The response to a form that changes the profile through the API."""
    from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

    api = Api(person)
    body = encode_multipart(BOUNDARY, data)
    return api.client.patch("/api/me", body, content_type=MULTIPART_CONTENT, headers=api.headers)


def fetch(url: str) -> Any:
    """The response to a request for a file."""
    return Client().get(url.removeprefix("http://testserver"))


def test_an_avatar_and_a_header_are_cut_and_shown_everywhere(alice: User, drain: Drain) -> None:
    post(alice)
    answer = change(
        alice,
        name="Alice",
        avatar=named(picture("JPEG", (900, 500))),
        header=named(picture("PNG", (900, 500))),
    )
    assert (answer.status_code, answer.json()["name"], answer.json()["avatar"]) == (
        *(200, "Alice"),
        None,
    )
    drain()
    profile = Api().get("/api/users/alice").json()
    for name, size in (("avatar", (400, 400)), ("header", (1500, 500))):
        file = fetch(profile[name])
        assert file["Cache-Control"].startswith("public")
        assert Image.open(io.BytesIO(b"".join(file.streaming_content))).size == size
    (tweet,) = Api().get("/api/users/alice/tweets").json()["results"]
    assert tweet["author"]["avatar"] == profile["avatar"]
    html = page(Client().get("/@alice"))
    assert '<img class="cover" src="/media/' in html
    assert '<img class="avatar avatar-large" src="/media/' in html
    assert '<img class="avatar" src="/media/' in html


def test_a_new_one_replaces_the_old_one_and_the_later_wins(alice: User) -> None:
    change(alice, avatar=named(picture()))
    change(alice, avatar=named(picture()))
    first, second = Media.objects.order_by("pk")
    for media in (second, first):  # the earlier one is ready later
        processing.process(media_id=media.pk)
    alice.refresh_from_db()
    assert alice.avatar == second.key
    assert fetch(f"/media/{first.key}/large.webp").status_code == 404
    assert fetch(f"/media/{second.key}/large.webp").status_code == 200
    accounts.suspend(user=alice, by=alice, now=timezone.now())
    assert fetch(f"/media/{second.key}/large.webp").status_code == 404


def test_removing_one_holds_for_one_that_is_still_processed(alice: User, drain: Drain) -> None:
    change(alice, avatar=named(picture()), header=named(picture()))
    drain()
    change(alice, avatar=named(picture()))
    answer = Api(alice).patch("/api/me", {"avatar": None})
    assert (answer.status_code, answer.json()["avatar"]) == (200, None)
    assert answer.json()["header"]
    drain()
    assert Api().get("/api/users/alice").json()["avatar"] is None


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"", 400),
        (b"<svg/>", 415),
        (b"ID3" + b"\0" * 40, 415),
        (bomb(), 413),
    ],
)
def test_a_refused_picture_changes_nothing(data: bytes, status: int, alice: User) -> None:
    answer = change(alice, name="New", header=named(data), avatar=named(picture()))
    assert answer.status_code == status
    assert "header" in answer.json()["fields"]
    assert not Media.objects.exists()
    assert Api().get("/api/users/alice").json()["name"] == ""


@pytest.mark.parametrize("body", [{"avatar": "x"}, {"avatar": {}}, {"header": 1}])
def test_json_has_no_files(body: dict[str, Any], alice: User) -> None:
    answer = Api(alice).patch("/api/me", body)
    assert answer.status_code == 400
    assert set(answer.json()["fields"]) == set(body)


def test_a_form_may_have_texts_and_switches_too(alice: User) -> None:
    assert change(alice, bio="Words", private="true").json()["private"] is True
    assert change(alice, private="maybe").status_code == 400
    assert change(alice, avatar="text").status_code == 400


def test_an_animation_stands_still(alice: User, drain: Drain) -> None:
    change(alice, avatar=named(animation()))
    drain()
    alice.refresh_from_db()
    assert list(Media.objects.get(key=alice.avatar).files) == ["large.webp", "small.webp"]


def test_pictures_cannot_be_posted_and_tweets_are_not_avatars(alice: User) -> None:
    change(alice, avatar=named(picture()))
    id_ = str(Media.objects.get().pk)
    assert Api(alice).post("/api/tweets", {"text": "x", "media_ids": [id_]}).status_code == 400


def test_the_settings_take_them_without_scripts(client: Client, alice: User, drain: Drain) -> None:
    client.force_login(alice)
    profile = {"name": "Alice", "bio": "", "place": "", "link": ""}
    refused = client.post(
        "/settings/profile", {**profile, "name": "New", "avatar": named(b"GIF89a")}
    )
    assert refused.status_code == 400
    assert "cut short" in page(refused)
    assert 'value="New"' in page(refused)

    client.post("/settings/profile", {**profile, "avatar": named(picture())})
    assert "still being processed" in page(client.get("/settings/profile"))
    drain()
    html = page(client.get("/settings/profile"))
    assert "still being processed" not in html
    assert 'src="/media/' in html  # in the navigation
    client.post("/settings/profile", {**profile, "remove_avatar": "on"})
    alice.refresh_from_db()
    assert (alice.avatar, alice.name) == ("", "Alice")

    client.post(
        "/settings/profile", {**profile, "avatar": named(picture("JPEG", (640, 480))[:900])}
    )
    drain()
    assert "could not be used" in page(client.get("/settings/profile"))
