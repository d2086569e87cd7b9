"""What a file is, by its content: its format, and the size of a picture. No Django.

Only headers are read, in Python, so that nothing is decoded before it is known to be small enough.
A name or a type that a client gives says nothing. What only looks like a picture is found out when
it is decoded, in a process of its own: media/child/.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO

from chirp.texts import text as _

HEAD_BYTES = 64
# AVIF and HEIC describe their pictures in a box near the beginning.
BOX_BYTES = 256 * 1024
MAX_SEGMENTS = 5_000  # of a JPEG; no real one comes near


class Kind(StrEnum):
    """What a person would call it."""

    IMAGE = "image"
    ANIMATION = "gif"
    VIDEO = "video"
    AUDIO = "audio"


class Unreadable(ValueError):
    """The header is cut short, or contradicts itself."""


@dataclass(frozen=True, slots=True)
class Found:
    """A recognized file. Sizes are in pixels, and None where only decoding tells."""

    format: str
    kind: Kind
    width: int | None = None
    height: int | None = None
    frames: int = 1


def recognize(file: BinaryIO) -> Found | None:
    """Return what the file is, or None for a format that is not supported. Raises Unreadable.

    The file is left at its beginning.
    """
    file.seek(0)
    head = file.read(HEAD_BYTES)
    try:
        return next((found for read in READERS if (found := read(head, file))), None)
    except (struct.error, IndexError):
        raise Unreadable(_("The file is cut short.")) from None
    finally:
        file.seek(0)


def _jpeg(head: bytes, file: BinaryIO) -> Found | None:
    if not head.startswith(b"\xff\xd8\xff"):
        return None
    file.seek(2)
    for marker, start in _jpeg_segments(file):
        # SOF0 to SOF15 hold the size; C4, C8 and CC are something else.
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            file.seek(start + 1)
            height, width = struct.unpack(">HH", file.read(4))
            return Found("JPEG", Kind.IMAGE, width, height)
    raise Unreadable(_("The file has no picture in it."))


def _jpeg_segments(file: BinaryIO) -> Iterator[tuple[int, int]]:
    """Yield each marker and where its content begins, up to the picture itself."""
    for __ in range(MAX_SEGMENTS):
        marker = file.read(2)
        while marker == b"\xff\xff":  # padding
            marker = b"\xff" + file.read(1)
        if len(marker) < 2 or marker[0] != 0xFF or marker[1] in (0xD9, 0xDA):
            return
        (length,) = struct.unpack(">H", file.read(2))
        start = file.tell()
        yield marker[1], start
        file.seek(start + length - 2)


def _png(head: bytes, file: BinaryIO) -> Found | None:
    if not head.startswith(b"\x89PNG\r\n\x1a\n"):
        return None
    if head[12:16] != b"IHDR":
        raise Unreadable(_("The file has no picture in it."))
    width, height = struct.unpack(">II", head[16:24])
    frames = _png_frames(file)
    return Found("PNG", Kind.ANIMATION if frames > 1 else Kind.IMAGE, width, height, frames)


def _png_frames(file: BinaryIO) -> int:
    file.seek(8)
    for __ in range(MAX_SEGMENTS):
        header = file.read(8)
        if len(header) < 8 or header[4:] in (b"IDAT", b"IEND"):
            return 1
        (length,) = struct.unpack(">I", header[:4])
        if header[4:] == b"acTL":
            return int(struct.unpack(">I", file.read(4))[0])
        file.seek(length + 4, 1)
    return 1


def _gif(head: bytes, file: BinaryIO) -> Found | None:
    if head[:6] not in (b"GIF87a", b"GIF89a"):
        return None
    width, height, flags = struct.unpack("<HHB", head[6:11])
    file.seek(13 + _colours(flags))
    frames = 0
    for right, bottom in _gif_frames(file):
        # A frame may reach beyond the screen, and decoders make the picture larger for it.
        width, height, frames = max(width, right), max(height, bottom), frames + 1
    if not frames:
        raise Unreadable(_("The file has no picture in it."))
    return Found("GIF", Kind.ANIMATION if frames > 1 else Kind.IMAGE, width, height, frames)


def _colours(flags: int) -> int:
    """The bytes of a colour table."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _gif_frames(file: BinaryIO) -> Iterator[tuple[int, int]]:
    """Yield the right and bottom edge of each frame. A file that is cut short has fewer."""
    while introducer := file.read(1):
        if introducer == b",":
            left, top, width, height, flags = struct.unpack("<HHHHB", file.read(9))
            yield left + width, top + height
            file.seek(_colours(flags) + 1, 1)
        elif introducer == b"!":
            file.seek(1, 1)
        else:
            return
        while length := file.read(1):
            if length == b"\0":
                break
            file.seek(length[0], 1)


def _webp(head: bytes, file: BinaryIO) -> Found | None:
    if head[:4] != b"RIFF" or head[8:12] != b"WEBP":
        return None
    width, height = _webp_size(head)
    animated = head[12:16] == b"VP8X" and head[20] & 2
    frames = _webp_frames(file) if animated else 1
    return Found("WEBP", Kind.ANIMATION if frames > 1 else Kind.IMAGE, width, height, frames)


def _webp_size(head: bytes) -> tuple[int, int]:
    chunk = head[12:16]
    if chunk == b"VP8X":
        width, height = (int.from_bytes(head[at : at + 3], "little") + 1 for at in (24, 27))
    elif chunk == b"VP8L":
        (bits,) = struct.unpack("<I", head[21:25])
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif chunk == b"VP8 ":
        width, height = (side & 0x3FFF for side in struct.unpack("<HH", head[26:30]))
    else:
        raise Unreadable(_("The file has no picture in it."))
    return width, height


def _webp_frames(file: BinaryIO) -> int:
    file.seek(12)
    frames = 0
    while len(header := file.read(8)) == 8:
        frames += header[:4] == b"ANMF"
        length = int.from_bytes(header[4:], "little")
        file.seek(length + length % 2, 1)
    return frames


def _boxes(head: bytes, file: BinaryIO) -> Found | None:
    """AVIF, HEIC, MP4 and their relatives: the brands say which."""
    if head[4:8] != b"ftyp":
        return None
    (length,) = struct.unpack(">I", head[:4])
    file.seek(0)
    box = file.read(min(max(length, 12), 4096))
    brands = {box[at : at + 4] for at in (8, *range(16, len(box) - 3, 4))}
    if brands & {b"avif", b"avis"}:
        kind = Kind.ANIMATION if box[8:12] == b"avis" else Kind.IMAGE
        return _with_size(Found("AVIF", kind), file)
    if brands & {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}:
        return _with_size(Found("HEIF", Kind.IMAGE), file)
    is_audio = box[8:12] in (b"M4A ", b"M4B ", b"F4A ")
    return Found("MP4", Kind.AUDIO if is_audio else Kind.VIDEO)


def _with_size(found: Found, file: BinaryIO) -> Found:
    """The same with the size of the largest picture in it: parts of a large one have boxes too."""
    file.seek(0)
    content = file.read(BOX_BYTES)
    sizes = [
        struct.unpack(">II", content[at + 8 : at + 16])
        for at in _positions(content, b"ispe")
        if at + 16 <= len(content)
    ]
    if not sizes:
        return found
    width, height = max(sizes, key=lambda size: size[0] * size[1])
    return Found(found.format, found.kind, width, height)


def _positions(content: bytes, word: bytes) -> Iterator[int]:
    at = content.find(word)
    while at >= 0:
        yield at
        at = content.find(word, at + 4)


def _sound_or_film(head: bytes, file: BinaryIO) -> Found | None:
    if head.startswith(b"\x1aE\xdf\xa3"):
        return Found("MATROSKA", Kind.VIDEO)
    if head.startswith(b"OggS"):
        return Found("OGG", Kind.AUDIO)
    if head.startswith(b"fLaC"):
        return Found("FLAC", Kind.AUDIO)
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return Found("WAV", Kind.AUDIO)
    return _mpeg_audio(head)


def _mpeg_audio(head: bytes) -> Found | None:
    if head.startswith(b"ID3"):
        return Found("MP3", Kind.AUDIO)
    if len(head) > 1 and head[0] == 0xFF:
        if head[1] & 0xE6 == 0xE2:  # layer III
            return Found("MP3", Kind.AUDIO)
        if head[1] & 0xF6 == 0xF0:  # ADTS
            return Found("AAC", Kind.AUDIO)
    return None


READERS: tuple[Callable[[bytes, BinaryIO], Found | None], ...] = (
    *(_jpeg, _png, _gif, _webp, _boxes, _sound_or_film),
)
