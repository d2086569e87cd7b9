"""Pictures and uploads for tests, drawn here: no files from elsewhere."""

import io
import struct
import zlib
from functools import cache
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from accounts.models import User
from media import processing, services
from media.models import Media

GPS = 0x8825
ORIENTATION = 0x0112


def picture(
    format: str = "PNG", size: tuple[int, int] = (64, 48), *, mode: str = "RGB", **options: Any
) -> bytes:
    """A file with a picture: red on the left, blue on the right."""
    image = Image.new("RGB", size, "red")
    ImageDraw.Draw(image).rectangle((size[0] // 2, 0, *size), fill="blue")
    if format == "HEIF":
        from pillow_heif import register_heif_opener

        register_heif_opener()
    file = io.BytesIO()
    image.convert(mode).save(file, format, **options)
    return file.getvalue()


@cache
def large() -> bytes:
    """A PNG of noise that takes a while to process."""
    file = io.BytesIO()
    Image.effect_noise((2400, 1800), 90).convert("RGB").save(file, "PNG", compress_level=1)
    return file.getvalue()


def photo() -> bytes:
    """A JPEG as a phone makes it: on its side, and with the place where it was taken."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # to be turned clockwise
    exif[0x010F] = "Spyphone"
    exif.get_ifd(GPS).update({1: "N", 2: (48.0, 8.0, 0.0), 3: "E", 4: (11.0, 34.0, 0.0)})
    return picture("JPEG", (120, 80), exif=exif)


def animation(frames: int = 3, size: tuple[int, int] = (32, 24), format: str = "GIF") -> bytes:
    """A file with several pictures, a tenth of a second each."""
    colours = ["red", "green", "blue", "white"]
    images = [Image.new("RGB", size, colours[n % 4]) for n in range(frames)]
    file = io.BytesIO()
    images[0].save(file, format, save_all=True, append_images=images[1:], duration=100, loop=0)
    return file.getvalue()


def bomb(side: int = 30_000) -> bytes:
    """A small PNG that is large once it is decoded."""
    row = b"\0" + b"\0" * (side // 8 + 1)
    compressor = zlib.compressobj(9)
    body = b"".join(compressor.compress(row) for _ in range(side)) + compressor.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    chunks = (_chunk(b"IHDR", header), _chunk(b"IDAT", body), _chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def named(content: bytes, name: str = "picture.png") -> SimpleUploadedFile:
    """The content as an uploaded file."""
    return SimpleUploadedFile(name, content)


def uploaded(owner: User, content: bytes | None = None, **more: Any) -> Media:
    """An upload that is not processed yet."""
    return services.upload(owner=owner, file=named(content or picture()), **more)


def ready(owner: User, content: bytes | None = None, **more: Any) -> Media:
    """An upload that is processed."""
    media = uploaded(owner, content, **more)
    processing.process(media_id=media.pk)
    return Media.objects.get(pk=media.pk)


def film(
    seconds: float = 1.0,
    size: tuple[int, int] = (64, 48),
    *,
    codec: str = "libx264",
    sound: str = "aac",
    format: str = "mp4",
    pix_fmt: str = "yuv420p",
    rate: int = 10,
) -> bytes:
    """A video: red on the left, blue on the right, and a hum. Without a codec, only the hum."""
    import av

    target = io.BytesIO()
    with av.open(target, "w", format=format) as output:
        output.metadata["location"] = "+48.1374+011.5755/"
        video: Any = output.add_stream(codec, rate=rate) if codec else None
        audio: Any = output.add_stream(sound, rate=48_000, layout="stereo") if sound else None
        if video:
            video.width, video.height = size
            video.pix_fmt = pix_fmt
            image = Image.open(io.BytesIO(picture(size=size)))
            for _ in range(round(seconds * rate)):
                output.mux(video.encode(av.VideoFrame.from_image(image)))
            output.mux(video.encode(None))
        if audio:
            _hum(output, audio, seconds)
    return target.getvalue()


def _hum(output: Any, stream: Any, seconds: float) -> None:
    import av

    size = stream.codec_context.frame_size or 1024
    for at in range(0, int(seconds * 48_000), size):
        frame = av.AudioFrame(
            format=stream.codec_context.format.name, layout="stereo", samples=size
        )
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        frame.sample_rate, frame.pts = 48_000, at
        output.mux(stream.encode(frame))
    output.mux(stream.encode(None))
