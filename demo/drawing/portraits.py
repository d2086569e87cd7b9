"""Avatars: flat portraits, cats, patterns and small scenes."""

import random
from collections.abc import Callable

from PIL import Image

from demo.drawing import indoors, land
from demo.drawing.canvas import Canvas, Colour, colours, mix

SKINS = colours("f6d7c3 eebf9f d79f78 b27a52 8a5a3b 5f3d2a")
HAIRS = colours("1c1a20 3b2a22 6b4428 a5713c d9b36c 9a9aa2 e8e6e3")
GROUNDS = colours("f4b942 e4572e 2e86ab 6a994e 8d6a9f e88d9d 3d5a80 98c1d9 bc4b51 5b8e7d")
DARK, WHITE = (34, 30, 40), (252, 250, 246)
SIDE = 256
STYLES = LONG, ROUND, BUN, TO_THE_CHIN, HAT, SCARF, SHORT = range(7)


def avatar(rng: random.Random) -> Image.Image:
    """An avatar of SIDE by SIDE pixels: usually a portrait."""
    kinds: list[Callable[[random.Random], Image.Image]] = [person, animal, pattern, view]
    return rng.choices(kinds, [55, 10, 20, 15])[0](rng)


def header(rng: random.Random) -> Image.Image:
    """The header of a profile, three times as wide as high."""
    draw = rng.choice([land.hills, land.sea, land.town, indoors.waves, indoors.tiles])
    return draw(rng, 840, 280)[0]


def pattern(rng: random.Random) -> Image.Image:
    """Tiles."""
    return indoors.tiles(rng, SIDE, SIDE)[0]


def view(rng: random.Random) -> Image.Image:
    """A small landscape."""
    return rng.choice([land.hills, land.sea, indoors.waves, indoors.cup])(rng, SIDE, SIDE)[0]


def person(rng: random.Random) -> Image.Image:
    """Head and shoulders."""
    ground = rng.choice(GROUNDS)
    canvas = Canvas(SIDE, SIDE, ground=mix(ground, WHITE, rng.choice((0.0, 0.35, 0.6))))
    skin, hair = rng.choice(SKINS), rng.choice(HAIRS)
    shirt = rng.choice([paint for paint in GROUNDS if paint != ground])
    style = rng.choice(STYLES)
    _hair_behind(canvas, style, hair)
    canvas.oval(0.14, 0.74, 0.86, 1.5, shirt)
    canvas.box(0.43, 0.6, 0.57, 0.8, mix(skin, DARK, 0.12), corner=0.05)
    canvas.oval(0.41, 0.72, 0.59, 0.83, mix(skin, DARK, 0.12))
    for ear in (0.3, 0.7):
        canvas.disc(ear, 0.48, 0.045, mix(skin, DARK, 0.06))
    canvas.oval(0.3, 0.24, 0.7, 0.7, skin)
    _face(rng, canvas, skin, hair, beard=style in (HAT, SHORT) and rng.random() < 0.5)
    _hair_before(canvas, style, hair, shirt)
    return canvas.finish()


def _face(rng: random.Random, canvas: Canvas, skin: Colour, hair: Colour, *, beard: bool) -> None:
    for eye in (0.42, 0.58):
        canvas.disc(eye, 0.47, 0.021, DARK)
        canvas.line([(eye - 0.035, 0.415), (eye + 0.035, 0.412)], mix(hair, DARK, 0.3), 0.013)
    canvas.line([(0.5, 0.48), (0.512, 0.545), (0.495, 0.552)], mix(skin, DARK, 0.28), 0.011)
    for cheek in (0.37, 0.63):
        canvas.disc(cheek, 0.55, 0.035, mix(skin, (226, 92, 92), 0.22))
    if beard:
        canvas.slice(0.5, 0.57, 0.15, (15, 165), hair)
    canvas.slice(0.5, 0.59, 0.062, (10, 170), rng.choice([(176, 58, 62), (252, 244, 240)]))
    if rng.random() < 0.35:
        for eye in (0.415, 0.585):
            canvas.ring(eye, 0.47, 0.062, DARK, 0.011)
        canvas.line([(0.477, 0.465), (0.523, 0.465)], DARK, 0.011)


def _hair_behind(canvas: Canvas, style: int, hair: Colour) -> None:
    if style == LONG:
        canvas.box(0.24, 0.34, 0.76, 0.84, hair, corner=0.16)
    elif style == ROUND:
        canvas.disc(0.5, 0.38, 0.31, hair)
    elif style == BUN:
        canvas.disc(0.5, 0.15, 0.1, hair)
    elif style == TO_THE_CHIN:
        canvas.box(0.25, 0.3, 0.75, 0.64, hair, corner=0.12)


def _hair_before(canvas: Canvas, style: int, hair: Colour, shirt: Colour) -> None:
    if style == HAT:
        hat = mix(shirt, DARK, 0.25)
        canvas.slice(0.5, 0.36, 0.22, (180, 360), hat)
        canvas.box(0.26, 0.335, 0.74, 0.385, mix(hat, WHITE, 0.25), corner=0.025)
    elif style == SCARF:
        canvas.slice(0.5, 0.42, 0.235, (180, 360), shirt)
        canvas.polygon([(0.265, 0.42), (0.31, 0.42), (0.34, 0.72), (0.27, 0.8)], shirt)
        canvas.polygon([(0.735, 0.42), (0.69, 0.42), (0.66, 0.72), (0.73, 0.8)], shirt)
    else:
        canvas.slice(0.5, 0.42, 0.212, (188, 352), hair)
        canvas.slice(0.38, 0.33, 0.12, (90, 290), hair)


def animal(rng: random.Random) -> Image.Image:
    """The face of a cat or a fox."""
    canvas = Canvas(SIDE, SIDE, ground=mix(rng.choice(GROUNDS), WHITE, 0.45))
    fur = rng.choice(
        [(60, 58, 66), (205, 116, 52), (150, 150, 158), (238, 226, 206), (122, 84, 60)]
    )
    for side in (-1, 1):
        x = 0.5 + side * 0.2
        canvas.polygon(
            [(x - side * 0.14, 0.36), (x + side * 0.1, 0.14), (x + side * 0.13, 0.5)], fur
        )
        inner = [(x - side * 0.06, 0.34), (x + side * 0.07, 0.22), (x + side * 0.08, 0.42)]
        canvas.polygon(inner, mix(fur, (240, 150, 150), 0.6))
    canvas.oval(0.17, 0.27, 0.83, 0.87, fur)
    canvas.oval(0.33, 0.56, 0.67, 0.85, mix(fur, WHITE, 0.75))
    iris = rng.choice([(120, 190, 90), (240, 190, 60), (90, 170, 220)])
    for eye in (0.36, 0.64):
        canvas.disc(eye, 0.5, 0.068, iris)
        canvas.oval(eye - 0.024, 0.44, eye + 0.024, 0.56, DARK)
        canvas.disc(eye + 0.018, 0.47, 0.014, WHITE)
    canvas.polygon([(0.455, 0.63), (0.545, 0.63), (0.5, 0.68)], (214, 110, 120))
    for side in (-1, 1):
        canvas.line(
            [(0.5, 0.68), (0.5 + side * 0.06, 0.735), (0.5 + side * 0.1, 0.72)], DARK, 0.011
        )
        for whisker in (-0.03, 0.01, 0.05):
            ends = [(0.5 + side * 0.16, 0.68 + whisker * 0.5), (0.5 + side * 0.42, 0.66 + whisker)]
            canvas.line(ends, mix(fur, WHITE, 0.8), 0.006)
    return canvas.finish()
