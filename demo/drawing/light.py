"""Times of day: the colours that a scene has then."""

import random
from dataclasses import dataclass

from demo.drawing.canvas import Canvas, Colour, colours, mix


@dataclass(frozen=True, slots=True)
class Light:
    """The colours of a time of day. `sky` is from the top down; `far` and `near` are of land."""

    words: str
    sky: tuple[Colour, ...]
    sun: Colour
    far: Colour
    near: Colour
    night: bool = False


def _light(words: str, codes: str, *, night: bool = False) -> Light:
    *sky, sun, far, near = colours(codes)
    return Light(words, tuple(sky), sun, far, near, night)


DAWN = _light("at dawn", "2b3a67 8a5a83 e58f7b fbd3a0 ffeccb fff4dc c58a93 2d2a4a")
DAY = _light("on a clear day", "3f86cf 7ab5e6 bfe0f1 eaf5f2 fffbe6 a5cad0 2c5b4c")
DUSK = _light("at dusk", "1f1c4d 5a3375 c4556b f58a5c ffc57d ffe2a8 99507c 1b1738")
NIGHT = _light("at night", "060a22 0f1c47 24407c 4a6fa8 f6f2dc 31497f 070b1f", night=True)
MIST = _light("in the mist", "b7c8d4 d3dfe3 e9ecea f6f0e4 ffffff bccdd0 3c585e")
AUTUMN = _light("in autumn", "6fa8c4 a9cfd6 e3e6cf f9e3b0 fff6d8 dfae6d 70341b")
LIGHTS = (DAWN, DAY, DUSK, NIGHT, MIST, AUTUMN)


def sky(rng: random.Random, canvas: Canvas, light: Light, *, horizon: float) -> None:
    """Draw the sky down to the horizon, with the sun or the moon and the stars."""
    canvas.fade(light.sky, 0.0, horizon)
    if light.night:
        stars(rng, canvas, 220, horizon)
    x = rng.uniform(0.2, 0.8) * canvas.wide
    y = horizon * rng.uniform(0.25, 0.5) if light.night else horizon * rng.uniform(0.45, 0.85)
    radius = rng.uniform(0.05, 0.09)
    canvas.glow(x, y, radius * 6, light.sun, 0.45)
    canvas.disc(x, y, radius, light.sun)


def stars(rng: random.Random, canvas: Canvas, number: int, horizon: float) -> None:
    """Draw stars: many faint ones, a few bright ones."""
    for _ in range(number):
        x, y = rng.uniform(0, canvas.wide), rng.uniform(0, horizon)
        bright = min(1.0, 0.25 + rng.expovariate(4))
        tint = rng.choice([(255, 255, 255), (255, 236, 208), (208, 226, 255)])
        canvas.disc(x, y, 0.0012 + 0.0016 * bright, mix(canvas.at(x, y), tint, bright))
