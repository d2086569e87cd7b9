"""A drawing that moves."""

import io
import math
import random

from PIL import Image

from demo.drawing.canvas import Canvas, mix
from demo.drawing.light import DUSK

FRAMES = 16
FRAME_MS = 100
SIZE = (400, 250)


def tide(rng: random.Random) -> tuple[bytes, str]:
    """The sun over a sea that moves: an animated WebP without an end, and its description."""
    x, phases = rng.uniform(0.4, 1.2), [rng.uniform(0, 6) for _ in range(6)]
    frames = [_frame(x, phases, 2 * math.pi * number / FRAMES) for number in range(FRAMES)]
    file = io.BytesIO()
    first, *others = frames
    how = {"duration": FRAME_MS, "loop": 0, "quality": 90, "method": 0}
    first.save(file, "WEBP", save_all=True, append_images=others, **how)
    return file.getvalue(), "The sun hangs low over the sea, whose waves roll on and on."


def _frame(x: float, phases: list[float], turn: float) -> Image.Image:
    canvas = Canvas(*SIZE)
    canvas.fade(DUSK.sky, 0.0, 0.7)
    y = 0.42 + 0.012 * math.sin(turn)
    canvas.glow(x, y, 0.5, DUSK.sun, 0.5)
    canvas.disc(x, y, 0.09, DUSK.sun)
    for layer, phase in enumerate(phases):
        top = [
            (
                canvas.wide * n / 48,
                0.56 + layer * 0.075 + 0.022 * math.sin(phase + (7 - layer) * n / 12 + turn),
            )
            for n in range(49)
        ]
        shade = mix(DUSK.sky[2], DUSK.near, (layer + 1) / len(phases))
        canvas.polygon([(0, 1), *top, (canvas.wide, 1)], shade)
    return canvas.finish()
