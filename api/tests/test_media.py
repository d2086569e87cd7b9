"""Uploads and the media of tweets through the API."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image, ImageCms

from accounts.models import User
from media import processing
from media.models import Media, State
from people import services as people
from tests.helpers.api_client import Api
from tests.helpers.pictures import animation, bomb, named, photo, picture, ready, uploaded
from tests.helpers.threads import at_once
from tests.helpers.tweets import post
from tweets.models import Tweet

pytestmark = pytest.mark.django_db
Drain = Callable[..., int]


def upload(person: User | None, content: bytes | None = None, **more: Any) -> Any:
    """The response to an upload."""
    api = Api(person)
    data = {"file": named(picture() if content is None else content), **more}
    return api.client.post("/api/media", data, headers=api.headers)


def fetch(url: str, **headers: str) -> Any:
    """The response to a request for a file, by somebody without cookies or tokens."""
    return Api().get(url.removeprefix("http://testserver"), **headers)


def content(response: Any) -> bytes:
    """The body of a response with a file."""
    return b"".join(response.streaming_content)


# --- Uploading ----------------------------------------------------------------------------------


def test_a_picture_is_uploaded_processed_and_posted(alice: User, drain: Drain) -> None:
    answer = upload(alice, photo(), alt="Red and blue", focus="-0.5,1")
    assert answer.status_code == 201
    body = answer.json()
    assert (body["state"], body["url"], body["type"]) == ("processing", None, "image")
    assert body["focus"] == {"x": -0.5, "y": 1.0}

    drain()
    body = Api(alice).get(f"/api/media/{body['id']}").json()
    assert (body["state"], body["alt"], body["error"]) == ("ready", "Red and blue", None)
    assert (body["width"], body["height"]) == (80, 120)  # upright
    assert body["blurhash"]
    tweet = Api(alice).post("/api/tweets", {"text": "", "media_ids": [body["id"]]}).json()

    (shown,) = Api().get(f"/api/tweets/{tweet['id']}").json()["media"]
    assert shown["alt"] == "Red and blue"
    file = fetch(shown["url"])
    assert file.status_code == 200
    assert file["Content-Type"] == "image/webp"
    image = Image.open(io.BytesIO(content(file)))
    assert (image.format, image.size) == ("WEBP", (80, 120))
    assert set(shown["sizes"]) == {"small", "medium", "large"}


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "AVIF", "GIF", "HEIF"])
def test_each_format_is_processed(format: str, alice: User) -> None:
    media = ready(alice, picture(format))
    assert (media.state, media.error) == (State.READY, "")
    assert (media.width, media.height) == (64, 48)


def test_a_large_photo_is_not_decoded_whole(alice: User, monkeypatch: Any) -> None:
    content = picture("JPEG", (5472, 3648))  # 60 MB of pixels, and as much again for a copy
    monkeypatch.setitem(processing.MEMORY, "image", 300 * 1024**2)
    media = ready(alice, content)
    assert (media.state, media.error) == (State.READY, "")
    assert (media.width, media.height) == (1600, 1067)


def test_nothing_but_pixels_is_left(alice: User) -> None:
    media = ready(alice, photo())
    assert media.original == ""
    _, names = default_storage.listdir(f"{media.key[:2]}/{media.key}")
    assert len(names) == 3
    for file in media.files.values():
        with default_storage.open(file["path"]) as stored:
            data = stored.read()
        assert b"Exif" not in data
        assert b"Spyphone" not in data
        assert not Image.open(io.BytesIO(data)).getexif()


def test_colours_are_those_of_the_profile(alice: User) -> None:
    # In this profile, red and blue are swapped.
    swapped = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, blue = swapped.index(b"rXYZ"), swapped.index(b"bXYZ")
    swapped[red : red + 4], swapped[blue : blue + 4] = b"bXYZ", b"rXYZ"
    media = ready(alice, picture("PNG", icc_profile=bytes(swapped)))
    with default_storage.open(media.files["large.webp"]["path"]) as file:
        red_part, _, blue_part = Image.open(file).convert("RGB").getpixel((4, 4))  # type: ignore[misc]
    assert blue_part > 200 > 60 > red_part


@pytest.mark.parametrize(
    ("data", "status", "said"),
    [
        (b"", 400, "empty"),
        (picture()[:20], 400, "cut short"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00", 400, "no picture"),
        (b"GIF89a\x01\x00\x01\x00\x00\x00\x00;", 400, "no picture"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, 400, "no picture"),
        (picture()[:16] + b"\0\0\0\0" + picture()[20:], 400, "no pixels"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", 415, "no file that"),
        (b"<!doctype html><script>alert(1)</script>", 415, "no file that"),
        (b"%PDF-1.7", 415, "no file that"),
        (b"MZ\x90\x00", 415, "no file that"),
        (b"\xff\xfeh\0i\0", 415, "no file that"),
        (bomb(), 413, "50 million"),
    ],
)
def test_what_cannot_be_a_picture_is_refused(
    data: bytes, status: int, said: str, alice: User
) -> None:
    answer = upload(alice, data)
    assert answer.status_code == status
    assert said in answer.json()["fields"]["file"][0]
    assert not Media.objects.exists()


def test_too_many_bytes_are_refused(alice: User, settings: Any) -> None:
    settings.MEDIA_MAX_IMAGE_MB = 1
    answer = upload(alice, picture() + b"\0" * 1024 * 1024)
    assert (answer.status_code, answer.json()["error"]) == (413, "too_large")


@pytest.mark.parametrize(
    "data",
    [
        picture("JPEG", (640, 480))[:900],
        picture("PNG", (640, 480))[:200],
        picture("WEBP", (640, 480))[:100],
        picture("HEIF")[:500],
        picture("AVIF")[:300],
        picture("GIF")[:40],
        # A PNG that is a JPEG after its header.
        picture("PNG")[:33] + picture("JPEG"),
    ],
)
def test_what_turns_out_to_be_damaged_says_so(data: bytes, alice: User, drain: Drain) -> None:
    answer = upload(alice, data)
    assert answer.status_code == 201
    drain()
    body = Api(alice).get(f"/api/media/{answer.json()['id']}").json()
    assert body["state"] == "failed"
    assert "damaged" in body["error"]
    refused = Api(alice).post("/api/tweets", {"text": "x", "media_ids": [body["id"]]})
    assert refused.status_code == 400
    assert "damaged" in refused.json()["fields"]["media_ids"][0]


def test_what_is_appended_to_a_picture_is_dropped(alice: User) -> None:
    media = ready(alice, picture("JPEG") + b"<script>alert(1)</script>PK\x03\x04")
    for file in media.files.values():
        with default_storage.open(file["path"]) as stored:
            assert b"script" not in stored.read()


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"focus": "2,0"}, "focus"),
        ({"focus": "nan,0"}, "focus"),
        ({"focus": "0"}, "focus"),
        ({"focus": "1e0,0"}, "focus"),
        ({"alt": "x" * 1501}, "alt"),
        ({"alt": "\u202egpj"}, "alt"),
        ({"file": ""}, "file"),
        ({"file": "text"}, "file"),
    ],
)
def test_bad_input_names_its_field(more: dict[str, Any], field: str, alice: User) -> None:
    answer = upload(alice, **more)
    assert answer.status_code == 400
    assert field in answer.json()["fields"]


def test_an_upload_is_a_form(alice: User) -> None:
    assert Api(alice).post("/api/media", {"file": "x"}).status_code == 415
    broken = Api(alice).client.post(
        "/api/media", b"--x\r\n", "multipart/form-data; boundary=", headers=Api(alice).headers
    )
    assert broken.status_code == 400
    assert upload(None).status_code == 401
    assert upload(alice, alt="x" * 2_000_000).status_code == 413


def test_a_repeated_upload_with_a_key_is_one(alice: User) -> None:
    api = Api(alice, **{"Idempotency-Key": "k"})

    def send(data: bytes) -> Any:
        return api.client.post("/api/media", {"file": named(data)}, headers=api.headers)

    first, again, other = send(picture()), send(picture()), send(photo())
    assert (first.status_code, again.json()) == (201, first.json())
    assert other.status_code == 409
    assert Media.objects.count() == 1


def test_uploads_of_others_are_not_there(alice: User, bob: User) -> None:
    media = uploaded(alice)
    assert Api(bob).get(f"/api/media/{media.pk}").status_code == 404
    assert Api(bob).patch(f"/api/media/{media.pk}", {"alt": "x"}).status_code == 404
    assert Api().get(f"/api/media/{media.pk}").status_code == 401
    assert Api(alice).get("/api/media/x").status_code == 404
    refused = Api(bob).post("/api/tweets", {"text": "x", "media_ids": [str(media.pk)]})
    assert refused.status_code == 400
    assert "media_ids" in refused.json()["fields"]


def test_a_description_can_be_changed_after_posting(alice: User) -> None:
    media = ready(alice)
    tweet = post(alice, media_ids=[media.pk])
    answer = Api(alice).patch(f"/api/media/{media.pk}", {"alt": "New", "focus": "1,1"})
    assert (answer.status_code, answer.json()["tweet_id"]) == (200, str(tweet.pk))
    (shown,) = Api().get(f"/api/tweets/{tweet.pk}").json()["media"]
    assert (shown["alt"], shown["focus"]) == ("New", {"x": 1.0, "y": 1.0})
    for bad in ({"alt": 5}, {"focus": [0, 0]}, {"alt": None}):
        assert Api(alice).patch(f"/api/media/{media.pk}", bad).status_code == 400


def test_an_account_cannot_fill_the_storage(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("media.services.MAX_UNUSED", 1)
    assert upload(alice).status_code == 201
    refused = upload(alice)
    assert (refused.status_code, refused["Retry-After"]) == (429, "3600")


# --- In tweets ----------------------------------------------------------------------------------


def test_a_tweet_has_four_pictures_in_the_given_order(alice: User) -> None:
    ids = [str(uploaded(alice, alt=f"{n}").pk) for n in range(4)]
    wanted = [ids[n] for n in (2, 0, 3, 1)]
    answer = Api(alice).post("/api/tweets", {"text": "", "media_ids": wanted})
    assert answer.status_code == 201
    assert [media["id"] for media in answer.json()["media"]] == wanted
    assert {media["state"] for media in answer.json()["media"]} == {"processing"}


@pytest.mark.parametrize(
    ("media_ids", "status"),
    [
        (["1"], 400),
        ([1], 400),
        (["x"], 400),
        ("1", 400),
        ({"a": "1"}, 400),
        (["1", "2", "3", "4", "5"], 400),
        (None, 201),
        ([], 201),
    ],
)
def test_ids_of_media_are_checked(media_ids: Any, status: int, alice: User) -> None:
    answer = Api(alice).post("/api/tweets", {"text": "x", "media_ids": media_ids})
    assert answer.status_code == status
    assert status == 201 or not Tweet.objects.exists()


def test_a_blank_text_needs_media(alice: User) -> None:
    answer = Api(alice).post("/api/tweets", {"text": " ", "media_ids": []})
    assert answer.status_code == 400
    tweet = post(alice, "x", media_ids=[uploaded(alice).pk])
    assert Api(alice).patch(f"/api/tweets/{tweet.pk}", {"text": ""}).status_code == 200
    assert Api(alice).patch(f"/api/tweets/{tweet.pk}", {"media_ids": []}).status_code == 400


def test_an_animation_stands_alone_and_nothing_twice(alice: User) -> None:
    moving, still = uploaded(alice, animation()), uploaded(alice)
    for ids in ([moving.pk, still.pk], [still.pk, still.pk]):
        body = {"text": "x", "media_ids": [str(id_) for id_ in ids]}
        assert Api(alice).post("/api/tweets", body).status_code == 400
    post(alice, media_ids=[still.pk])
    taken = Api(alice).post("/api/tweets", {"text": "x", "media_ids": [str(still.pk)]})
    assert taken.status_code == 409


@pytest.mark.django_db(transaction=True)
def test_of_two_tweets_at_once_one_gets_the_picture(alice: User) -> None:
    media = uploaded(alice)
    body = {"text": "x", "media_ids": [str(media.pk)]}
    statuses: list[int] = []

    def send() -> None:
        statuses.append(Api(alice).post("/api/tweets", body).status_code)

    assert at_once([send] * 4) == []
    assert sorted(statuses) == [201, 409, 409, 409]
    assert Tweet.objects.filter(media_count=1).count() == 1


def test_quotes_and_reposts_show_the_media_of_the_original(alice: User, bob: User) -> None:
    original = post(alice, media_ids=[ready(alice).pk])
    Api(bob).put(f"/api/tweets/{original.pk}/repost")
    post(bob, "look", quote_of_id=original.pk)
    quote, repost = Api().get("/api/users/bob/tweets").json()["results"]
    assert len(quote["quote_of"]["media"]) == len(repost["repost_of"]["media"]) == 1
    assert quote["media"] == repost["media"] == []


def test_a_page_costs_one_query_more_with_media(alice: User) -> None:
    post(alice, "words only")
    counts = []
    for number in (0, 1, 6):
        for _ in range(number):
            post(alice, "x", media_ids=[uploaded(alice).pk])
        with CaptureQueriesContext(connection) as queries:
            assert Api().get("/api/users/alice/tweets").status_code == 200
        counts.append(len(queries))
    assert counts[0] + 1 == counts[1] == counts[2]


def test_the_tab_of_media_has_tweets_with_media(alice: User, bob: User) -> None:
    post(alice, "words only")
    having = post(alice, "with", media_ids=[uploaded(alice).pk])
    secret = post(alice, "few", media_ids=[uploaded(alice).pk], visibility="followers")
    found = Api().get("/api/users/alice/media").json()["results"]
    assert [tweet["id"] for tweet in found] == [str(having.pk)]
    people.follow(follower=bob, followee=alice)
    found = Api(bob).get("/api/users/alice/media").json()["results"]
    assert [tweet["id"] for tweet in found] == [str(secret.pk), str(having.pk)]
    people.block(blocker=alice, blocked=bob)
    assert Api(bob).get("/api/users/alice/media").status_code == 403
    assert Api().get("/api/users/nobody/media").status_code == 404
    assert Api().get("/api/users/alice/media?limit=0").status_code == 400
