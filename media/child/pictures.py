"""Pictures: decode, turn upright, convert to sRGB, shrink, and write as WebP. No Django.

Only pixels get into the results. Everything else that a file holds, such as the place where it was
taken, stays behind. Only the child process runs this.
"""

import io
import math
import warnings
from pathlib import Path
from typing import Any

from blurhash_rs import encode_rgb  # type: ignore[attr-defined]
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from chirp.texts import text as _
from media.child.job import Job, Made, Refused, Result, Size

QUALITY, METHOD = 80, 4
BLURHASH_SIDE = 64  # more pixels make no other hash
BLURHASH_PARTS = 4  # along the longer side
DAMAGED = _("The picture is damaged, or not what its beginning says.")
TOO_LARGE = _("The picture has too many pixels.")


def process(job: Job) -> Result:
    """Make all sizes of a picture. Raises Refused."""
    picture = load(job)
    made = write_sizes(picture, job)
    return Result(
        kind="image",
        width=picture.width,
        height=picture.height,
        blurhash=blurhash(picture),
        made=made,
    )


def load(job: Job) -> Image.Image:
    """Return the picture upright, in sRGB, no larger than the largest size needs. Raises Refused.

    Its first frame, if it has several.
    """
    try:
        with open_picture(job) as picture:
            # Of a JPEG, this decodes only as many pixels as are needed. It has to have the
            # picture's proportions, and to come before anything that looks at pixels.
            picture.draft(None, _enough(picture.size, job.sizes))
            picture.load()
            return _prepared(picture, job.sizes)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refused(TOO_LARGE) from None
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError):
        # Pillow raises all of these for files that are not what they seem.
        raise Refused(DAMAGED) from None


def open_picture(job: Job) -> Image.Image:
    """Open the file as the format that was recognized, and as no other. Raises Refused."""
    Image.MAX_IMAGE_PIXELS = job.max_pixels
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    if job.format == "HEIF":
        from pillow_heif import register_heif_opener

        register_heif_opener(thumbnails=False)
    try:
        picture = Image.open(job.source, formats=[job.format])
    except UnidentifiedImageError:
        raise Refused(DAMAGED) from None
    if min(picture.size) < 1:
        raise Refused(_("The picture has no pixels."))
    return picture


def _enough(size: tuple[int, int], sizes: list[Size]) -> tuple[int, int]:
    """The size that decoding may shrink to, at which every result still has its full size."""
    width, height = size
    ratio = max(_ratio(size, wanted) for wanted in sizes)
    # Orientation may swap the sides of the picture, but not those of the result.
    ratio = max(ratio, max(_ratio((height, width), wanted) for wanted in sizes))
    return math.ceil(width * ratio), math.ceil(height * ratio)


def _ratio(size: tuple[int, int], wanted: Size) -> float:
    """What to multiply the sides with to fit into the wanted size, or to cover it if it is cut."""
    ratios = (wanted.width / size[0], wanted.height / size[1])
    return min(1.0, max(ratios) if wanted.crop else min(ratios))


def _prepared(picture: Image.Image, sizes: list[Size]) -> Image.Image:
    profile = picture.info.get("icc_profile")
    upright = ImageOps.exif_transpose(_plain(picture))
    ratio = max(_ratio(upright.size, wanted) for wanted in sizes)
    return to_srgb(scaled(upright, ratio), profile)


def _plain(picture: Image.Image) -> Image.Image:
    """The same picture in a mode that can be resized and converted: no palettes, 8 bits."""
    if picture.mode.startswith(("I", "F")):
        # Sixteen bits, of which a plain conversion would keep the wrong eight.
        return picture.convert("I").point(lambda value: value / 256).convert("L")
    if picture.mode == "1":
        return picture.convert("L")
    if picture.mode in ("P", "PA", "La", "RGBa") or "transparency" in picture.info:
        return picture.convert("RGBA")
    return picture


def scaled(picture: Image.Image, ratio: float) -> Image.Image:
    """The picture with its sides multiplied, if that makes it smaller."""
    if ratio >= 1:
        return picture
    size = (max(1, round(picture.width * ratio)), max(1, round(picture.height * ratio)))
    return picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def to_srgb(picture: Image.Image, profile: Any) -> Image.Image:
    """The picture as RGB, or as RGBA if it has transparent parts, in the colours of its profile.

    A profile that cannot be used is left out, as browsers do.
    """
    if picture.mode == "LA":
        picture = picture.convert("RGBA") if not profile else picture
    target = "RGBA" if picture.mode in ("RGBA", "LA") else "RGB"
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(
                picture, source, ImageCms.createProfile("sRGB"), outputMode=target
            )
            assert converted is not None
            picture = converted
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            pass
    return picture.convert(target)


def write_sizes(picture: Image.Image, job: Job) -> list[Made]:
    """Write all sizes, the largest first, each from the one before."""
    made, last = [], picture
    for size in sorted(job.sizes, key=lambda size: -size.width * size.height):
        last = (
            _cut(picture, size, job.focus) if size.crop else scaled(last, _ratio(last.size, size))
        )
        path = Path(job.out) / f"{size.name}.webp"
        # A picture without metadata: nothing of `info` is written.
        last.save(path, "WEBP", quality=QUALITY, method=METHOD, exif=b"", icc_profile=None, xmp=b"")
        made.append(Made(f"{size.name}.webp", "image/webp", *last.size))
    return made


def _cut(picture: Image.Image, size: Size, focus: tuple[float, float]) -> Image.Image:
    """The part around the focal point, in exactly this size."""
    centering = ((focus[0] + 1) / 2, (1 - focus[1]) / 2)
    method = Image.Resampling.LANCZOS
    return ImageOps.fit(picture, (size.width, size.height), method, centering=centering)


def blurhash(picture: Image.Image) -> str:
    """The BlurHash of a picture, on white where it is transparent."""
    small = scaled(picture, min(1.0, BLURHASH_SIDE / max(picture.size)))
    if small.mode == "RGBA":
        small = Image.alpha_composite(Image.new("RGBA", small.size, "white"), small)
    small = small.convert("RGB")
    longer = max(small.size)
    across, down = (max(1, round(BLURHASH_PARTS * side / longer)) for side in small.size)
    return str(encode_rgb(small.tobytes(), *small.size, across, down))
