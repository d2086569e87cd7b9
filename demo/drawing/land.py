"""Scenes outdoors: hills, the sea, a town, a viaduct, a wire with birds, a road, the night sky."""

import math
import random

from PIL import Image

from demo.drawing.canvas import SCALE, Canvas, Colour, colours, mix, ridge
from demo.drawing.light import DAWN, DAY, DUSK, LIGHTS, MIST, NIGHT, Light, sky, stars

Drawing = tuple[Image.Image, str]
DARK = (18, 16, 28)
NIGHT_SKIES = (
    "05071a 0e143a 2c346e 765482",
    "040b1c 0a2540 14506a 4f9a94",
    "0a0618 241046 5a2364 c2606a",
)


def hills(rng: random.Random, width: int, height: int) -> Drawing:
    """Ranges of hills, one behind the other."""
    canvas, light = Canvas(width, height), rng.choice(LIGHTS)
    sky(rng, canvas, light, horizon=0.8)
    layers = rng.randint(4, 6)
    _ranges(rng, canvas, light, layers=layers, top=rng.uniform(0.42, 0.52))
    number = ("Four", "Five", "Six")[layers - 4]
    what = "the moon" if light.night else "a pale sun"
    return canvas.finish(), f"{number} ranges of hills under {what}, {light.words}."


def _ranges(
    rng: random.Random, canvas: Canvas, light: Light, *, layers: int, top: float, end: float = 1.0
) -> None:
    for layer in range(layers):
        share = layer / (layers - 1)
        base = top + (end - 0.08 - top) * share
        rough = 0.2 - 0.12 * share
        canvas.polygon(
            ridge(rng, canvas.wide, base, rough * 0.55), mix(light.far, light.near, share)
        )


def sea(rng: random.Random, width: int, height: int) -> Drawing:
    """The sea with a sailing boat."""
    canvas, light = Canvas(width, height), rng.choice((DAWN, DAY, DUSK, NIGHT))
    horizon = rng.uniform(0.5, 0.62)
    sky(rng, canvas, light, horizon=horizon)
    low, deep = light.sky[-1], mix(light.near, light.sky[0], 0.35)
    canvas.fade((mix(low, deep, 0.25), mix(low, deep, 0.7), deep), horizon, 1.0)
    for _ in range(170):  # waves are longer and farther apart in front
        near = rng.random() ** 1.6
        y = horizon + 0.01 + near * (0.98 - horizon)
        x, length = rng.uniform(-0.1, canvas.wide), (0.02 + 0.14 * near) * rng.uniform(0.4, 1.2)
        shade = mix(low, deep, 0.35 + 0.5 * near)
        canvas.line([(x, y), (x + length, y)], shade, 0.002 + 0.003 * near)
    _boat(canvas, rng.uniform(0.25, 0.75) * canvas.wide, horizon + 0.06, rng.uniform(0.16, 0.24))
    return canvas.finish(), f"A sailing boat alone on a quiet sea, {light.words}."


def _boat(canvas: Canvas, x: float, y: float, size: float) -> None:
    hull = [(x - size * 0.4, y), (x + size * 0.45, y), (x + size * 0.3, y + size * 0.14)]
    canvas.polygon([*hull, (x - size * 0.3, y + size * 0.14)], DARK)
    canvas.line([(x, y), (x, y - size)], DARK, 0.005)
    white = (250, 246, 236)
    canvas.polygon(
        [(x + 0.008, y - 0.015), (x + 0.008, y - size), (x + size * 0.38, y - 0.015)], white
    )
    jib = [(x - 0.008, y - 0.015), (x - 0.008, y - size * 0.85), (x - size * 0.32, y - 0.015)]
    canvas.polygon(jib, mix(white, DARK, 0.15))


def town(rng: random.Random, width: int, height: int) -> Drawing:
    """A town with lit windows."""
    canvas, light = Canvas(width, height), rng.choice((DUSK, NIGHT, DAWN))
    sky(rng, canvas, light, horizon=0.95)
    for layer, top in enumerate((0.4, 0.52, 0.66)):
        shade = mix(light.far, light.near, (layer + 1) / 3)
        x = -rng.uniform(0, 0.1)
        while x < canvas.wide:
            wide, roof = rng.uniform(0.08, 0.19), top + rng.uniform(-0.13, 0.13)
            canvas.box(x, roof, x + wide, 1.0, shade)
            if rng.random() < 0.35:
                canvas.polygon([(x, roof), (x + wide / 2, roof - 0.06), (x + wide, roof)], shade)
            _windows(rng, canvas, (x, roof, wide), mix(shade, (255, 214, 120), 0.3 + 0.3 * layer))
            x += wide + rng.choice((0.0, 0.0, 0.02))
    return canvas.finish(), f"Roofs of a town {light.words}, with light in some of the windows."


def _windows(
    rng: random.Random, canvas: Canvas, house: tuple[float, float, float], lit: Colour
) -> None:
    left, top, wide = house
    columns = int(wide / 0.036)
    gap = wide / columns
    for row in range(int((1.0 - top) / 0.055)):
        for column in range(columns):
            if rng.random() < 0.4:
                x, y = left + gap * (column + 0.5), top + 0.03 + row * 0.055
                canvas.box(x - 0.008, y, x + 0.008, y + 0.024, lit)


def viaduct(rng: random.Random, width: int, height: int) -> Drawing:
    """A train on a viaduct."""
    canvas, light = Canvas(width, height), rng.choice((DAWN, DAY, MIST, DUSK))
    sky(rng, canvas, light, horizon=0.8)
    _ranges(rng, canvas, light, layers=3, top=0.5, end=1.15)
    stone, rail = mix(light.near, (150, 120, 110), 0.45), 0.56
    canvas.box(0, rail, canvas.wide, rail + 0.05, stone)
    arch = 0.2
    for number in range(math.ceil(canvas.wide / arch) + 1):
        x = number * arch - 0.07
        canvas.box(x - 0.024, rail, x + 0.024, 1.0, stone)
        canvas.slice(x + arch / 2, rail + 0.128, arch / 2, (180, 360), mix(stone, DARK, 0.25))
        canvas.slice(x + arch / 2, rail + 0.142, arch / 2 - 0.02, (180, 360), light.far)
    _train(rng, canvas, rail)
    canvas.polygon(ridge(rng, canvas.wide, 0.95, 0.05), mix(light.near, DARK, 0.3))
    return canvas.finish(), f"A short train crosses a viaduct over a valley {light.words}."


def _train(rng: random.Random, canvas: Canvas, rail: float) -> None:
    paint = rng.choice([(178, 52, 52), (38, 84, 124), (44, 110, 73), (214, 142, 38)])
    start, car = rng.uniform(0.12, 0.35) * canvas.wide, 0.25
    for number in range(3):
        left, top = start + number * (car + 0.012), rail - 0.092
        canvas.box(left, top, left + car, rail - 0.016, paint, corner=0.018)
        canvas.box(left, top + 0.048, left + car, top + 0.056, mix(paint, (255, 255, 255), 0.6))
        for window in range(5):
            x = left + 0.02 + window * 0.045
            canvas.box(x, top + 0.016, x + 0.03, top + 0.04, (255, 236, 190), corner=0.004)
        for wheel in (0.045, 0.085, car - 0.085, car - 0.045):
            canvas.disc(left + wheel, rail - 0.012, 0.012, DARK)


def wire(rng: random.Random, width: int, height: int) -> Drawing:
    """Birds on wires."""
    canvas, light = Canvas(width, height), rng.choice((DAWN, DAY, DUSK, MIST))
    sky(rng, canvas, light, horizon=1.0)
    birds = 0
    for top in (0.34, 0.48, 0.66):
        sag = rng.uniform(0.05, 0.1)
        steps = [(n / 60, top + sag * (1 - (n / 30 - 1) ** 2)) for n in range(61)]
        canvas.line([(x * canvas.wide, y) for x, y in steps], DARK, 0.004)
        for place in sorted(rng.sample(range(5, 56, 3), rng.randint(2, 5))):
            x, y = steps[place]
            _bird(canvas, x * canvas.wide, y, rng.uniform(0.032, 0.042), rng.choice((-1, 1)))
            birds += 1
    canvas.box(canvas.wide * 0.86, 0.1, canvas.wide * 0.86 + 0.026, 1.0, DARK)
    canvas.box(canvas.wide * 0.86 - 0.1, 0.3, canvas.wide * 0.86 + 0.126, 0.322, DARK)
    return canvas.finish(), f"{birds} birds on three wires {light.words}, like notes on paper."


def _bird(canvas: Canvas, x: float, y: float, size: float, side: int) -> None:
    canvas.oval(x - size * 0.62, y - size * 1.5, x + size * 0.62, y - size * 0.05, DARK)
    canvas.disc(x + side * size * 0.3, y - size * 1.55, size * 0.42, DARK)
    beak = [(x + side * size * 0.62, y - size * 1.7), (x + side * size * 1.05, y - size * 1.5)]
    canvas.polygon([*beak, (x + side * size * 0.6, y - size * 1.4)], DARK)
    tail = [(x - side * size * 0.2, y - size * 0.6), (x - side * size * 0.9, y + size * 0.55)]
    canvas.polygon(
        [*tail, (x - side * size * 0.5, y + size * 0.6), (x + side * size * 0.2, y - size * 0.3)],
        DARK,
    )


def road(rng: random.Random, width: int, height: int) -> Drawing:
    """A road into the hills, and a bicycle beside it."""
    canvas, light = Canvas(width, height), rng.choice((DAWN, DAY, DUSK))
    sky(rng, canvas, light, horizon=0.7)
    _ranges(rng, canvas, light, layers=4, top=0.42, end=0.72)
    ground, end = mix(light.near, light.far, 0.25), rng.uniform(0.4, 0.65) * canvas.wide
    canvas.box(0, 0.66, canvas.wide, 1.0, ground)
    left, right = rng.uniform(-0.1, 0.2), canvas.wide * 0.62
    canvas.polygon(
        [(end, 0.66), (end + 0.02, 0.66), (right, 1.0), (left, 1.0)], mix(ground, DARK, 0.5)
    )
    for share in (0.06, 0.16, 0.32, 0.58, 0.9):
        y, x = 0.66 + 0.34 * share, end + 0.01 + ((left + right) / 2 - end) * share
        canvas.box(x - 0.012 * share, y, x + 0.012 * share, y + 0.05 * share, (240, 230, 200))
    _bicycle(canvas, canvas.wide * 0.78, 0.86, 0.115, rng.choice([(214, 73, 51), (245, 196, 66)]))
    return (
        canvas.finish(),
        f"A bicycle leans beside an empty road that leads into hills, {light.words}.",
    )


def _bicycle(canvas: Canvas, x: float, y: float, wheel: float, paint: Colour) -> None:
    back, front, pedal = (x - wheel * 1.35, y), (x + wheel * 1.35, y), (x - wheel * 0.15, y)
    saddle, head = (x - wheel * 0.55, y - wheel * 1.25), (x + wheel * 0.9, y - wheel * 1.3)
    for hub in (back, front):
        canvas.ring(*hub, wheel, DARK, 0.011)
        for angle in range(0, 180, 30):
            turn = math.radians(angle)
            across = (math.cos(turn) * wheel * 0.95, math.sin(turn) * wheel * 0.95)
            ends = [
                (hub[0] - across[0], hub[1] - across[1]),
                (hub[0] + across[0], hub[1] + across[1]),
            ]
            canvas.line(ends, (120, 120, 128), 0.0022)
    canvas.line([back, saddle, head, pedal, back], paint, 0.015)
    canvas.line([saddle, pedal], paint, 0.015)
    canvas.line([front, head, (head[0] - 0.01, head[1] - wheel * 0.35)], paint, 0.015)
    top = head[1] - wheel * 0.36
    canvas.line([(head[0] - 0.055, top), (head[0] + 0.035, top + 0.006)], DARK, 0.013)
    canvas.box(
        saddle[0] - 0.045, saddle[1] - 0.03, saddle[0] + 0.035, saddle[1] - 0.008, DARK, corner=0.01
    )


def stargazing(rng: random.Random, width: int, height: int) -> Drawing:
    """The Milky Way over a tent."""
    canvas = Canvas(width, height)
    canvas.fade(colours(rng.choice(NIGHT_SKIES)))
    slope = rng.uniform(-0.5, 0.5)
    for cloud in range(14):
        x = cloud / 13 * canvas.wide
        y = 0.36 + slope * (cloud / 13 - 0.5) + rng.gauss(0, 0.04)
        tint = rng.choice([(130, 140, 220), (196, 156, 206), (150, 196, 214)])
        canvas.glow(x, y, rng.uniform(0.16, 0.28), tint, 0.4)
    stars(rng, canvas, 520, 0.85)
    canvas.polygon(ridge(rng, canvas.wide, 0.8, 0.1), (16, 16, 40))
    canvas.polygon(ridge(rng, canvas.wide, 0.9, 0.04), (8, 8, 20))
    x = rng.uniform(0.3, 0.7) * canvas.wide
    canvas.glow(x, 0.88, 0.3, (255, 190, 90), 0.5)
    tent = rng.choice([(240, 150, 60), (206, 84, 70), (96, 160, 110)])
    canvas.polygon([(x - 0.13, 0.93), (x, 0.77), (x + 0.13, 0.93)], tent)
    canvas.polygon([(x - 0.035, 0.93), (x, 0.8), (x + 0.035, 0.93)], (255, 226, 160))
    return (
        canvas.finish(),
        "The Milky Way over dark hills. A tent in front of them is lit from within.",
    )


def cinema(rng: random.Random, width: int, height: int) -> Drawing:
    """A film in a cinema."""
    canvas, film = Canvas(width, height, ground=(14, 12, 20)), rng.choice((hills, sea, town))
    canvas.glow(canvas.wide / 2, 0.4, 0.95, (150, 150, 190), 0.55)
    left, top, right, bottom = (
        round(part * canvas.unit) for part in (0.16, 0.1, canvas.wide - 0.16, 0.66)
    )
    picture, _ = film(rng, (right - left) // SCALE, (bottom - top) // SCALE)
    canvas.image.paste(picture.resize((right - left, bottom - top)), (left, top))
    for row, y in enumerate((0.8, 0.94)):
        for seat in range(12):
            x = (seat + row * 0.5) * canvas.wide / 11.5
            shade = (48 - row * 18, 18, 30 - row * 8)
            canvas.box(x - 0.055, y, x + 0.055, 1.0, shade, corner=0.02)
            if rng.random() < 0.55:
                canvas.disc(x, y - 0.025, 0.042, (8, 6, 12))
    return canvas.finish(), "Rows of a cinema in the dark. On the screen is a landscape."
