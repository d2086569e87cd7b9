"""Media in a directory and in a bucket: the same to those who use them."""

import io
import zipfile
from typing import Any

import pytest
import requests
from django.core.files.storage import default_storage
from django.test import Client, override_settings
from PIL import Image

from accounts.models import User
from chirp import storage_urls
from media import processing, services, storage
from media.models import Media, State
from tests.helpers.pages import page
from tests.helpers.pictures import named, photo, uploaded
from tests.helpers.tweets import post
from tweets.deleting import delete_tweet


@pytest.fixture(params=["directory", "bucket"])
def place(request: pytest.FixtureRequest, tmp_path: Any, settings: Any) -> str:
    """Each kind of storage."""
    url = tmp_path.as_uri()
    if request.param == "bucket":
        url = request.getfixturevalue("bucket_url")
    settings.STORAGES = {**settings.STORAGES, "default": storage_urls.storage(url)}
    return str(request.param)


def names(key: str) -> list[str]:
    """The files of an upload."""
    try:
        return default_storage.listdir(storage.directory(key))[1]
    except FileNotFoundError:
        return []


@pytest.mark.django_db
def test_a_picture_from_its_upload_to_its_end(place: str, alice: User) -> None:
    media = uploaded(alice, photo())
    assert names(media.key) == ["original"]
    processing.process(media_id=media.pk)
    media.refresh_from_db()
    assert (media.state, media.error) == (State.READY, "")
    assert len(names(media.key)) == 3
    tweet = post(alice, media_ids=[media.pk])

    response: Any = Client().get(f"/media/{media.key}/large.webp")
    if place == "bucket":
        assert response.status_code == 302
        assert response["Cache-Control"] == "private, max-age=60"
        answer = requests.get(response["Location"], timeout=20)
        assert answer.headers["Content-Type"] == "image/webp"
        part = requests.get(response["Location"], headers={"Range": "bytes=0-3"}, timeout=20)
        assert (part.status_code, part.content) == (206, b"RIFF")
        unsigned = response["Location"].partition("?")[0]
        assert requests.get(unsigned, timeout=20).status_code == 403
        content = answer.content
    else:
        content = b"".join(response.streaming_content)
    assert Image.open(io.BytesIO(content)).format == "WEBP"

    delete_tweet(author=alice, tweet_id=tweet.pk)
    assert Client().get(f"/media/{media.key}/large.webp").status_code == 404
    storage.remove_all(media.key)
    storage.remove_all(media.key)
    assert names(media.key) == []


def test_parts_of_a_large_file_are_read(place: str) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for number in range(5):
            archive.writestr(f"{number}", bytes([number]) * 1_500_000)
    path = storage.put("imports/archive", content)
    with storage.open_in_parts(path) as file, zipfile.ZipFile(file) as archive:
        assert archive.read("3") == b"\3" * 1_500_000
        with archive.open("4") as part:
            part.seek(1_000_000)
            assert part.read() == b"\4" * 500_000
    storage.remove(path)
    with pytest.raises(FileNotFoundError):
        storage.open_in_parts(path)


@pytest.mark.django_db
def test_an_original_that_is_gone_says_so(place: str, alice: User) -> None:
    media = uploaded(alice)
    storage.remove(media.original)
    processing.process(media_id=media.pk)
    media.refresh_from_db()
    assert (media.state, media.error) == (State.FAILED, processing.GONE)


@pytest.mark.django_db
def test_a_file_without_a_row_does_not_stay(
    place: str, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = []
    put = storage.put

    def remember(path: str, file: Any) -> str:
        stored.append(put(path, file))
        return stored[-1]

    monkeypatch.setattr(storage, "put", remember)
    monkeypatch.setattr(services, "publish", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        services.upload(owner=alice, file=named(photo()))
    assert not Media.objects.exists()
    assert not default_storage.exists(stored[0])


@pytest.mark.django_db
def test_a_bucket_that_is_away_loses_neither_text_nor_upload(alice: User, settings: Any) -> None:
    media = uploaded(alice)
    url = "s3+http://a:b@127.0.0.1:9/media"
    with override_settings(STORAGES={**settings.STORAGES, "default": storage_urls.storage(url)}):
        browser = Client()
        browser.force_login(alice)
        form = {"text": "My words", "visibility": "public", "file1": named(photo())}
        response = browser.post("/compose", form)
        for _ in range(processing.MAX_ATTEMPTS + 1):
            with pytest.raises(storage.StorageAway):
                processing.process(media_id=media.pk)
    assert (response.status_code, response["Retry-After"]) == (503, "30")
    assert "My words</textarea>" in page(response)
    processing.process(media_id=media.pk)
    assert Media.objects.get().state == State.READY


@pytest.mark.parametrize(
    "url",
    [
        "media",
        "file:media",
        "s3://host/bucket",
        "s3://key@host/bucket",
        "s3://key:secret@host",
        "s3://key:secret@host/bucket/below",
        "s3://key:secret@host:x/bucket",
        "s3://key:secret@[/bucket",
        "http://key:secret@host/bucket",
    ],
)
def test_other_urls_are_refused_without_showing_them(url: str) -> None:
    with pytest.raises(storage_urls.BadStorageUrl) as raised:
        storage_urls.storage(url)
    assert "secret@host" not in str(raised.value)


def test_the_origin_of_a_bucket_is_what_browsers_may_load() -> None:
    assert storage_urls.origin("s3://k:s@files.example/b?region=x") == "https://files.example"
    assert storage_urls.origin("s3+http://k:s@127.0.0.1:80/b") == "http://127.0.0.1:80"
    assert storage_urls.origin("file:///media") is None
