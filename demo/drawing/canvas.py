"""A canvas. Shapes are in fractions of its height; drawn large and made small, they are smooth."""

import random
from collections.abc import Sequence
from itertools import pairwise

from PIL import Image, ImageDraw

SCALE = 2
Colour = tuple[int, int, int]
Point = tuple[float, float]


def colours(codes: str) -> list[Colour]:
    """The colours of codes such as "ff8800 0088ff"."""
    return [(code[0], code[1], code[2]) for code in map(bytes.fromhex, codes.split())]


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """A colour between two: with `share` 0 the first, with 1 the other."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


class Canvas:
    """A picture in the making. `x` is from 0 to `wide`, `y` from 0 to 1, from the top left."""

    def __init__(self, width: int, height: int, *, ground: Colour = (255, 255, 255)) -> None:
        self.unit = height * SCALE
        self.wide = width / height
        self.image = Image.new("RGB", (width * SCALE, height * SCALE), ground)
        self.pen = ImageDraw.Draw(self.image)

    def finish(self) -> Image.Image:
        """The picture in the size that was asked for."""
        return self.image.reduce(SCALE)

    def at(self, x: float, y: float) -> Colour:
        """The colour at a point."""
        right, bottom = self.image.width - 1, self.image.height - 1
        place = (min(int(x * self.unit), right), min(int(y * self.unit), bottom))
        found: Colour = self.image.getpixel(place)  # type: ignore[assignment]
        return found

    def fade(self, stops: Sequence[Colour], top: float = 0.0, bottom: float = 1.0) -> None:
        """Fill a band with colours that fade into each other, from the top down."""
        start, rows = round(top * self.unit), round((bottom - top) * self.unit)
        for row in range(rows):
            place = row / rows * (len(stops) - 1)
            shade = mix(stops[int(place)], stops[int(place) + 1], place % 1)
            self.pen.line((0, start + row, self.image.width, start + row), fill=shade)

    def glow(self, x: float, y: float, radius: float, light: Colour, strength: float = 0.8) -> None:
        """Let light shine around a point."""
        side = round(2 * radius * self.unit)
        # The gradient is 180 at the sides of its square.
        shine = [max(0.0, 1 - far / 180) ** 2 * strength * 255 for far in range(256)]
        mask = Image.radial_gradient("L").point(shine)
        at = (round((x - radius) * self.unit), round((y - radius) * self.unit))
        self.image.paste(light, (*at, at[0] + side, at[1] + side), mask.resize((side, side)))

    def polygon(self, points: Sequence[Point], fill: Colour) -> None:
        """Fill the area within these points."""
        self.pen.polygon([(x * self.unit, y * self.unit) for x, y in points], fill=fill)

    def line(self, points: Sequence[Point], fill: Colour, width: float) -> None:
        """Draw a line along these points."""
        scaled = [(x * self.unit, y * self.unit) for x, y in points]
        self.pen.line(scaled, fill=fill, width=max(1, round(width * self.unit)), joint="curve")

    def disc(self, x: float, y: float, radius: float, fill: Colour) -> None:
        """Fill a circle."""
        self.oval(x - radius, y - radius, x + radius, y + radius, fill)

    def oval(self, left: float, top: float, right: float, bottom: float, fill: Colour) -> None:
        """Fill an ellipse within these bounds."""
        self.pen.ellipse(self._box(left, top, right, bottom), fill=fill)

    def slice(self, x: float, y: float, radius: float, angles: Point, fill: Colour) -> None:
        """Fill a part of a circle, between two angles in degrees, clockwise from the right."""
        box = self._box(x - radius, y - radius, x + radius, y + radius)
        self.pen.pieslice(box, *angles, fill=fill)

    def ring(self, x: float, y: float, radius: float, fill: Colour, width: float) -> None:
        """Draw a circle."""
        box = self._box(x - radius, y - radius, x + radius, y + radius)
        self.pen.ellipse(box, outline=fill, width=max(1, round(width * self.unit)))

    def box(
        self,
        left: float,
        top: float,
        right: float,
        bottom: float,
        fill: Colour,
        *,
        corner: float = 0.0,
    ) -> None:
        """Fill a rectangle, perhaps with round corners."""
        box = self._box(left, top, right, bottom)
        self.pen.rounded_rectangle(box, corner * self.unit, fill=fill)

    def _box(self, *sides: float) -> list[float]:
        return [side * self.unit for side in sides]


def ridge(rng: random.Random, wide: float, base: float, rough: float) -> list[Point]:
    """The outline of hills around the height `base`, closed at the bottom of the picture.

    It halves the distance between points again and again, and moves each new point at random.
    """
    heights = [base + rng.uniform(-rough, rough) for _ in range(3)]
    while len(heights) < 180:
        rough *= 0.52
        middles = [
            (one + other) / 2 + rng.uniform(-rough, rough) for one, other in pairwise(heights)
        ]
        heights = [h for pair in zip(heights, middles, strict=False) for h in pair] + heights[-1:]
    step = wide / (len(heights) - 1)
    line = [(place * step, height) for place, height in enumerate(heights)]
    return [(0.0, 1.0), *line, (wide, 1.0)]
