"""Scenes indoors: a cup, a cat, a cake, plants, a chessboard, a screen; and shapes without one."""

import math
import random

from PIL import Image

from demo.drawing.canvas import Canvas, Colour, colours, mix
from demo.drawing.light import LIGHTS, sky

Drawing = tuple[Image.Image, str]
DARK = (30, 26, 36)
WHITE = (250, 247, 240)
PALETTES: list[tuple[str, list[Colour]]] = [
    (words, colours(codes))
    for words, codes in (
        ("sand, rust and petrol blue", "f2e3c6 e2a65f c1502e 2f5d62 1b2f3a"),
        ("rose, plum and gold", "fbe8e3 ef9a9a b23a6d 5b2a5e f3c14b"),
        ("mint, moss and brick", "eaf4e6 a9d6b0 4f8f63 21443a d9694a"),
        ("ice, cobalt and lemon", "eef6fb a7cdec 3d6fd1 1c2a66 f7dc5c"),
        ("peach, teal and night blue", "fff0e2 ffb68a ef6f6c 3c9d9b 1f2a44"),
        ("lilac, ink and lime", "f1ecfb c3b1e6 7657c4 2a1d52 c5dd5a"),
    )
]


def _palette(rng: random.Random) -> tuple[str, list[Colour]]:
    return rng.choice(PALETTES)


def _table(rng: random.Random, width: int, height: int) -> tuple[Canvas, str, list[Colour]]:
    """A table in front of a wall."""
    words, paints = _palette(rng)
    canvas = Canvas(width, height)
    canvas.fade((mix(paints[1], WHITE, 0.35), mix(paints[1], WHITE, 0.05)), 0.0, 0.74)
    wood = rng.choice([(142, 94, 60), (196, 152, 106), (92, 64, 51)])
    canvas.fade((mix(wood, WHITE, 0.12), mix(wood, DARK, 0.25)), 0.74, 1.0)
    return canvas, words, paints


def cup(rng: random.Random, width: int, height: int) -> Drawing:
    """A cup that steams."""
    canvas, words, paints = _table(rng, width, height)
    x, paint = canvas.wide * rng.uniform(0.4, 0.6), rng.choice(paints[2:])
    canvas.glow(x, 0.4, 0.5, WHITE, 0.5)
    for steam in (-0.07, 0.0, 0.07):
        phase = rng.uniform(0, 6)
        wave = [(x + steam + 0.022 * math.sin(phase + n / 3), 0.47 - n * 0.011) for n in range(26)]
        canvas.line(wave, mix(WHITE, paints[1], 0.3), 0.009)
    canvas.oval(x - 0.3, 0.8, x + 0.3, 0.88, mix(paint, WHITE, 0.55))
    canvas.ring(x + 0.19, 0.62, 0.085, paint, 0.03)
    canvas.slice(x, 0.52, 0.3, (0, 180), paint)
    canvas.box(x - 0.2, 0.52, x + 0.2, 0.7, paint, corner=0.03)
    canvas.oval(x - 0.205, 0.475, x + 0.205, 0.565, mix(paint, WHITE, 0.35))
    canvas.oval(x - 0.18, 0.487, x + 0.18, 0.56, (128, 72, 32))
    for dot in range(-2, 3):
        canvas.disc(x + dot * 0.075, 0.665, 0.014, mix(paint, WHITE, 0.6))
    return canvas.finish(), f"A steaming cup of tea on a wooden table, in {words}."


def cat(rng: random.Random, width: int, height: int) -> Drawing:
    """A cat on a windowsill."""
    canvas, light = Canvas(width, height), rng.choice(LIGHTS)
    sky(rng, canvas, light, horizon=0.9)
    frame = mix(light.near, WHITE, 0.85)
    canvas.box(0, 0.82, canvas.wide, 1.0, frame)
    canvas.box(0, 0.82, canvas.wide, 0.835, mix(frame, DARK, 0.2))
    for x in (0.0, canvas.wide / 2 - 0.02, canvas.wide - 0.04):
        canvas.box(x, 0, x + 0.04, 0.82, frame)
    canvas.box(0, 0, canvas.wide, 0.05, frame)
    word, fur = rng.choice(
        [("black", (24, 22, 30)), ("ginger", (196, 106, 42)), ("grey", (98, 102, 112))]
    )
    _cat(canvas, canvas.wide * rng.choice((0.28, 0.72)), 0.84, fur, rng.choice((-1, 1)))
    return (
        canvas.finish(),
        f"A {word} cat on a windowsill, seen from behind, looks out {light.words}.",
    )


def _cat(canvas: Canvas, x: float, y: float, fur: Colour, side: int) -> None:
    canvas.oval(x - 0.13, y - 0.34, x + 0.13, y + 0.04, fur)
    canvas.oval(x - 0.165, y - 0.16, x + 0.165, y + 0.03, fur)
    canvas.disc(x, y - 0.38, 0.1, fur)
    for ear in (-1, 1):
        tip = (x + ear * 0.088, y - 0.53)
        canvas.polygon([(x + ear * 0.098, y - 0.4), tip, (x + ear * 0.015, y - 0.46)], fur)
    tail = [
        (x + side * (0.1 + 0.016 * n), y - 0.01 + 0.0011 * n * n - 0.00004 * n**3)
        for n in range(18)
    ]
    canvas.line(tail, fur, 0.042)
    canvas.disc(*tail[-1], 0.021, fur)
    for stripe in range(3):
        top = y - 0.27 + stripe * 0.06
        canvas.line(
            [(x - 0.035, top), (x, top + 0.014), (x + 0.035, top)], mix(fur, DARK, 0.4), 0.011
        )


def cake(rng: random.Random, width: int, height: int) -> Drawing:
    """A cake of several layers."""
    canvas, words, paints = _table(rng, width, height)
    x, layers = canvas.wide / 2, rng.randint(3, 4)
    canvas.oval(x - 0.36, 0.81, x + 0.36, 0.89, mix(paints[1], WHITE, 0.7))
    canvas.box(x - 0.05, 0.85, x + 0.05, 0.95, mix(paints[1], WHITE, 0.6))
    top, cream = 0.84 - layers * 0.12, mix(paints[0], WHITE, 0.7)
    for layer in range(layers):
        y = top + layer * 0.12
        canvas.box(x - 0.27, y, x + 0.27, y + 0.12, rng.choice(((150, 96, 58), paints[2])))
        canvas.box(x - 0.275, y - 0.012, x + 0.275, y + 0.028, cream, corner=0.018)
    for drop in range(10):
        left = x - 0.27 + drop * 0.054
        canvas.box(
            left + 0.006, top, left + 0.048, top + rng.uniform(0.04, 0.1), cream, corner=0.02
        )
    for berry in range(7):
        canvas.disc(x - 0.21 + berry * 0.07, top - 0.03, 0.03, paints[3])
        canvas.disc(x - 0.218 + berry * 0.07, top - 0.04, 0.008, WHITE)
    many = "three" if layers == 3 else "four"
    return canvas.finish(), f"A cake of {many} layers with cream and berries, in {words}."


def plants(rng: random.Random, width: int, height: int) -> Drawing:
    """Plants in pots on a shelf."""
    canvas, words, _ = _table(rng, width, height)
    leaf = rng.choice([(58, 125, 84), (34, 102, 96), (110, 142, 62)])
    count = rng.randint(3, 4)
    for number in range(count):
        x = canvas.wide * (number + 0.5) / count
        size = rng.uniform(0.17, 0.27)
        _leaves(rng, canvas, x, 0.66, size, mix(leaf, DARK, rng.uniform(0, 0.3)))
        clay = rng.choice([(196, 98, 60), (226, 214, 196), (70, 92, 128)])
        canvas.polygon([(x - 0.1, 0.65), (x + 0.1, 0.65), (x + 0.07, 0.84), (x - 0.07, 0.84)], clay)
        canvas.box(x - 0.115, 0.63, x + 0.115, 0.68, mix(clay, WHITE, 0.2), corner=0.008)
    many = "Three" if count == 3 else "Four"
    return canvas.finish(), f"{many} plants in pots on a shelf, in front of a wall in {words}."


def _leaves(
    rng: random.Random, canvas: Canvas, x: float, y: float, size: float, green: Colour
) -> None:
    for number in range(9):
        turn = math.radians(-90 + (number - 4) * 19 + rng.uniform(-6, 6))
        long = size * rng.uniform(0.8, 1.5)
        tip = (x + math.cos(turn) * long, y + math.sin(turn) * long)
        middle = (x + math.cos(turn) * long / 2, y + math.sin(turn) * long / 2)
        across = (-math.sin(turn) * long * 0.16, math.cos(turn) * long * 0.16)
        shade = mix(green, WHITE, 0.05 * (number % 4))
        left = (middle[0] + across[0], middle[1] + across[1])
        right = (middle[0] - across[0], middle[1] - across[1])
        canvas.polygon([(x, y), left, tip, right], shade)
        canvas.line([(x, y), tip], mix(shade, DARK, 0.2), 0.003)


def board(rng: random.Random, width: int, height: int) -> Drawing:
    """A chessboard from above, in the middle of a game."""
    words, paints = _palette(rng)
    canvas = Canvas(width, height, ground=paints[3])
    side, left = 0.116, canvas.wide / 2 - 0.464
    canvas.box(left - 0.025, 0.011, left + 0.953, 0.989, mix(paints[3], DARK, 0.5), corner=0.012)
    for square in range(64):
        x, y = left + square % 8 * side, 0.036 + square // 8 * side
        dark = (square % 8 + square // 8) % 2
        canvas.box(x, y, x + side, y + side, paints[2] if dark else paints[0])
    for number, square in enumerate(rng.sample(range(64), 17)):
        x, y = left + (square % 8 + 0.5) * side, 0.036 + (square // 8 + 0.5) * side
        piece = WHITE if number % 2 else DARK
        canvas.disc(x + 0.006, y + 0.008, 0.038, mix(paints[3], DARK, 0.4))
        canvas.disc(x, y, 0.038, piece)
        canvas.ring(x, y, 0.026, mix(piece, paints[2], 0.4), 0.005)
        canvas.disc(x, y, 0.01, mix(piece, paints[2], 0.6))
    return canvas.finish(), f"A chessboard from above, late in a game, in {words}."


def screen(rng: random.Random, width: int, height: int) -> Drawing:
    """A window with lines of code, too small to read."""
    words, paints = _palette(rng)
    canvas = Canvas(width, height)
    canvas.fade((mix(paints[2], DARK, 0.2), mix(paints[3], DARK, 0.3)))
    right = canvas.wide - 0.13
    canvas.box(0.13, 0.1, right, 0.9, (24, 24, 34), corner=0.025)
    for number, light in enumerate(((236, 95, 88), (246, 190, 79), (98, 197, 84))):
        canvas.disc(0.18 + number * 0.045, 0.145, 0.014, light)
    indent = 0
    for line in range(14):
        x, y = 0.18 + indent * 0.06, 0.2 + line * 0.048
        for _ in range(rng.randint(1, 5)):
            long = rng.uniform(0.04, 0.2)
            if x + long < right - 0.05:
                paint = mix(rng.choice([*paints[:3], paints[4]]), WHITE, 0.15)
                canvas.box(x, y, x + long, y + 0.02, paint, corner=0.01)
            x += long + 0.022
        indent = max(0, min(4, indent + rng.choice((-1, 0, 1, 1))))
    return canvas.finish(), f"Lines of code on a dark screen, as coloured bars in {words}."


def tiles(rng: random.Random, width: int, height: int) -> Drawing:
    """Tiles of quarter circles."""
    words, paints = _palette(rng)
    canvas = Canvas(width, height, ground=paints[0])
    rows = rng.randint(3, 5)
    side = 1 / rows
    for place in range(rows * math.ceil(canvas.wide * rows)):
        x, y = place // rows * side, place % rows * side
        ground, shape, inner = rng.sample(paints, 3)
        canvas.box(x, y, x + side, y + side, ground)
        turn = rng.randrange(4)
        corner = (x + side * (turn in (1, 2)), y + side * (turn in (2, 3)))
        kind = rng.random()
        if kind < 0.55:
            angles = (turn * 90, turn * 90 + 90)
            canvas.slice(*corner, side, angles, shape)
            canvas.slice(*corner, side * 0.5, angles, inner)
        elif kind < 0.8:
            canvas.disc(x + side / 2, y + side / 2, side * 0.38, shape)
            canvas.disc(x + side / 2, y + side / 2, side * 0.16, inner)
        else:
            canvas.polygon([(x, y), (x + side, y), (x, y + side)], shape)
    return canvas.finish(), f"A pattern of quarter circles and dots in {words}."


def waves(rng: random.Random, width: int, height: int) -> Drawing:
    """Waves of colour."""
    words, paints = _palette(rng)
    canvas = Canvas(width, height)
    canvas.fade((mix(paints[0], WHITE, 0.4), paints[0]))
    count = rng.randint(7, 10)
    pace, phase = rng.uniform(1.6, 3.2), rng.uniform(0, 6)
    for number in range(count):
        share = number / (count - 1)
        shade = mix(paints[1], paints[3], share) if number % 4 else paints[2]
        top = [
            (
                n / 60 * canvas.wide,
                0.16 + 0.74 * share + 0.075 * math.sin(phase + pace * n / 60 * 3),
            )
            for n in range(61)
        ]
        canvas.polygon([(0, 1), *top, (canvas.wide, 1)], shade)
        pace, phase = pace * rng.uniform(0.9, 1.12), phase + rng.uniform(0.35, 0.9)
    return canvas.finish(), f"Waves of colour, one in front of the other, in {words}."


def circles(rng: random.Random, width: int, height: int) -> Drawing:
    """A poster of overlapping circles and a few straight lines."""
    words, paints = _palette(rng)
    canvas = Canvas(width, height, ground=mix(paints[0], WHITE, 0.4))
    for _ in range(rng.randint(6, 9)):
        x, y = rng.uniform(0.1, canvas.wide - 0.1), rng.uniform(0.1, 0.9)
        radius = rng.uniform(0.06, 0.26)
        for ring in range(rng.randint(1, 4)):
            canvas.disc(x, y, radius * (1 - ring * 0.27), rng.choice(paints))
    for _ in range(4):
        start = (rng.uniform(0, canvas.wide), rng.uniform(0, 1))
        end = (rng.uniform(0, canvas.wide), rng.uniform(0, 1))
        canvas.line([start, end], paints[3], rng.uniform(0.004, 0.012))
    return canvas.finish(), f"Circles within circles, and a few straight lines, in {words}."
