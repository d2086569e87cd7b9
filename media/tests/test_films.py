"""Animations, videos and recordings."""

import io
import struct
from typing import Any

import av
import pytest
from django.core.files.storage import default_storage
from PIL import Image

from accounts.models import User
from media import processing
from media.models import Media, State
from tests.helpers.api_client import Api
from tests.helpers.pictures import animation, film, named, ready, uploaded
from tests.helpers.tweets import post

pytestmark = pytest.mark.django_db
UPRIGHT = struct.pack(">9i", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
CLOCKWISE = struct.pack(">9i", 0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000)


def stored(media: Media, name: str) -> io.BytesIO:
    """A file that was made."""
    with default_storage.open(media.files[name]["path"]) as file:
        return io.BytesIO(file.read())


def codecs(media: Media, name: str = "video.mp4") -> list[str]:
    """The codecs in a file."""
    with av.open(stored(media, name)) as container:
        return [stream.codec_context.name for stream in container.streams]


def frames(media: Media) -> list[Any]:
    """The pictures of the video that was made."""
    container: Any = av.open(stored(media, "video.mp4"))
    with container:
        return list(container.decode(video=0))


def turned(video: bytes) -> bytes:
    """The video with the note of a phone that was held upright."""
    at = video.index(UPRIGHT, video.index(b"tkhd"))
    return video[:at] + CLOCKWISE + video[at + len(CLOCKWISE) :]


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG", "AVIF"])
def test_an_animation_becomes_a_video_without_sound(format: str, alice: User) -> None:
    media = ready(alice, animation(5, (33, 25), format))
    assert (media.state, media.error, media.kind) == (State.READY, "", "gif")
    assert media.duration == pytest.approx(0.5, abs=0.05)
    assert codecs(media) == ["h264"]
    colours: list[Any] = [frame.to_image().getpixel((9, 9)) for frame in frames(media)[:3]]
    assert [max(range(3), key=colour.__getitem__) for colour in colours] == [0, 1, 2]
    assert set(media.files) == {"small.webp", "medium.webp", "large.webp", "video.mp4"}


def test_an_animation_has_a_limit_of_pictures(alice: User) -> None:
    media = ready(alice, animation(1001, (2, 2)))
    assert (media.state, media.error[:30]) == (State.FAILED, "The animation has too many pic")


def test_what_browsers_play_is_copied_without_metadata(alice: User) -> None:
    media = ready(alice, film())
    assert (media.state, media.error, media.kind) == (State.READY, "", "video")
    assert codecs(media) == ["h264", "aac"]
    assert (media.width, media.height) == (64, 48)
    assert media.duration == pytest.approx(1, abs=0.1)
    assert b"loci" in film()  # where it was taken
    assert b"loci" not in stored(media, "video.mp4").read()
    (shown,) = Api().get(f"/api/tweets/{post(alice, media_ids=[media.pk]).pk}").json()["media"]
    assert (shown["type"], shown["url"][-9:]) == ("video", "video.mp4")
    assert shown["sizes"]["large"]["url"].endswith("large.webp")  # the poster


@pytest.mark.parametrize(
    "options",
    [
        {"codec": "libvpx-vp9", "sound": "libopus", "format": "webm"},
        {"codec": "libx264", "pix_fmt": "yuv444p", "sound": "libmp3lame"},
        {"codec": "libx265", "sound": "aac", "format": "mov"},
        {"codec": "mpeg4", "sound": "", "format": "mp4"},
    ],
)
def test_other_codecs_are_encoded_anew(options: dict[str, Any], alice: User) -> None:
    media = ready(alice, film(**options))
    assert (media.state, media.error) == (State.READY, "")
    assert codecs(media) == ["h264", "aac"][: 2 if options["sound"] else 1]
    assert media.duration == pytest.approx(1, abs=0.2)


@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv444p"])
def test_a_phone_that_was_held_upright(pix_fmt: str, alice: User) -> None:
    media = ready(alice, turned(film(pix_fmt=pix_fmt, sound="")))
    assert (media.width, media.height) == (48, 64)
    poster = Image.open(stored(media, "large.webp")).convert("RGB")
    frame = frames(media)[0]
    shown = frame.to_image().rotate(frame.rotation, expand=True)
    for picture in (poster, shown):
        assert picture.size == (48, 64)
        top, bottom = picture.getpixel((24, 6)), picture.getpixel((24, 58))
        assert top[0] > 200 > 60 > top[2]  # type: ignore[index]
        assert bottom[2] > 200 > 60 > bottom[0]  # type: ignore[index]


@pytest.mark.parametrize(
    ("sound", "format"),
    [
        ("libmp3lame", "mp3"),
        ("flac", "flac"),
        ("aac", "adts"),
        ("libopus", "ogg"),
        ("pcm_s16le", "wav"),
        ("aac", "mp4"),
    ],
)
def test_recordings(sound: str, format: str, alice: User) -> None:
    media = ready(alice, film(codec="", sound=sound, format=format))
    assert (media.state, media.error, media.kind) == (State.READY, "", "audio")
    assert codecs(media, "audio.mp4") == ["aac"]
    assert media.files["audio.mp4"]["type"] == "audio/mp4"
    assert media.duration == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize(
    "data",
    [
        film()[:2000],
        film()[:60],
        film().replace(b"trak", b"free"),
        b"\0\0\0\x18ftypisom" + b"\0" * 500,
        b"\x1aE\xdf\xa3" + b"\0" * 500,
        film(format="webm", codec="libvpx-vp9", sound="libopus")[:400],
        b"ID3" + b"\0" * 500,
        b"OggS" + b"\0" * 500,
        b"fLaC" + b"\0" * 500,
        film(codec="", sound="pcm_s16le", format="wav")[:30],
    ],
)
def test_what_is_cut_short_or_no_video_is_damaged(data: bytes, alice: User) -> None:
    media = ready(alice, data)
    assert media.state == State.FAILED
    assert "damaged" in media.error or "neither" in media.error


def test_limits_of_time_and_size(alice: User, settings: Any) -> None:
    settings.MEDIA_MAX_SECONDS = 1
    media = ready(alice, film(3))
    assert media.error == "It is too long: at most 1 seconds."
    media = ready(alice, film(3, codec="", sound="libopus", format="ogg"))
    assert media.error == "It is too long: at most 1 seconds."


def test_the_kernel_ends_what_takes_too_much(alice: User, monkeypatch: Any) -> None:
    media = uploaded(alice, film(size=(1920, 1080), pix_fmt="yuv444p"))
    monkeypatch.setattr(processing, "LONG_MEMORY", 300 * 1024**2)
    processing.process(media_id=media.pk)
    media.refresh_from_db()
    assert media.state == State.FAILED
    assert "too large" in media.error

    media = uploaded(alice, film(8, (1280, 720), pix_fmt="yuv444p", rate=30))
    monkeypatch.undo()
    monkeypatch.setattr(processing, "LONG_SECONDS", 1)
    processing.process(media_id=media.pk)
    media.refresh_from_db()
    assert (media.state, media.error) == (State.FAILED, f"{processing.NOT_DONE_LONG}")


def test_too_many_bytes(alice: User, settings: Any) -> None:
    settings.MEDIA_MAX_VIDEO_MB = 1
    api = Api(alice)
    file = named(film() + b"\0" * 1024 * 1024)
    assert api.client.post("/api/media", {"file": file}, headers=api.headers).status_code == 413
