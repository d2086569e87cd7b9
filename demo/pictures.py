"""The pictures of the demo: what is drawn for which topic, and its upload."""

import io
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from django.core.files.base import ContentFile
from PIL import Image

from accounts.models import User
from demo.drawing import indoors, land, moving, portraits
from demo.texts import Writer
from media.services import upload

Draw = Callable[[random.Random, int, int], tuple[Image.Image, str]]
Upload = Callable[[User], Sequence[int]]  # of media for this owner, whose ids it returns
SCENES: dict[str, Draw] = {
    "tea": indoors.cup,
    "cats": indoors.cat,
    "trains": land.viaduct,
    "birds": land.wire,
    "baking": indoors.cake,
    "cycling": land.road,
    "astronomy": land.stargazing,
    "programming": indoors.screen,
    "gardening": indoors.plants,
    "chess": indoors.board,
    "hiking": land.hills,
    "films": land.cinema,
}
SHAPES: tuple[Draw, ...] = (indoors.tiles, indoors.waves, indoors.circles, land.sea, land.town)
SIZES = ((800, 512), (800, 600), (640, 640), (560, 720))
HEADER_EACH = 12  # one person of so many has a header


@dataclass(frozen=True, slots=True)
class Show:
    """A text, and how to draw and upload what belongs to it."""

    text: str
    upload: Upload


class Gallery:
    """Thinks up pictures. What is drawn depends on the random generator alone."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.writer = Writer(rng)

    def next(self, interest: str) -> Show:
        """Usually pictures about this interest, sometimes about nothing, rarely an animation."""
        kinds = (self._scenes, self._shapes, self._animation)
        return self.rng.choices(kinds, [78, 17, 5])[0](interest)

    def _scenes(self, interest: str) -> Show:
        count = self.rng.choices((1, 2, 3, 4), [76, 12, 7, 5])[0]
        text = self.writer.caption(interest) if count == 1 else self.writer.comment("several")
        return Show(text, partial(_draw_and_upload, [SCENES[interest]] * count, self._seed()))

    def _shapes(self, _: str) -> Show:
        draw = self.rng.choice(SHAPES)
        return Show(self.writer.comment("shapes"), partial(_draw_and_upload, [draw], self._seed()))

    def _animation(self, _: str) -> Show:
        return Show(self.writer.comment("animations"), partial(_animate_and_upload, self._seed()))

    def _seed(self) -> float:
        """So that drawing, which an interrupted run does not do again, changes nothing else."""
        return self.rng.random()


def _draw_and_upload(draws: Sequence[Draw], seed: float, owner: User) -> list[int]:
    rng = random.Random(seed)  # noqa: S311 - a game, not a secret
    return [_upload(owner, draw, rng) for draw in draws]


def _animate_and_upload(seed: float, owner: User) -> list[int]:
    drawn, alt = moving.tide(random.Random(seed))  # noqa: S311
    return [upload(owner=owner, file=ContentFile(drawn, "tide.webp"), alt=alt).pk]


def _upload(owner: User, draw: Draw, rng: random.Random) -> int:
    image, alt = draw(rng, *rng.choices(SIZES, [12, 3, 3, 1])[0])
    return upload(owner=owner, file=_file(image), alt=alt).pk


def of_profile(seed: str, *, header: bool = False) -> "dict[str, ContentFile[bytes]]":
    """An avatar and sometimes a header, or always, by purpose."""
    rng = random.Random(seed)  # noqa: S311
    found = {"avatar": _file(portraits.avatar(rng))}
    if header or rng.randrange(HEADER_EACH) == 0:
        found["header"] = _file(portraits.header(rng))
    return found


def _file(image: Image.Image) -> "ContentFile[bytes]":
    file = io.BytesIO()
    image.save(file, "JPEG", quality=92)
    return ContentFile(file.getvalue(), "drawn.jpg")
