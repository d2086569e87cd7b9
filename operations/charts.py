"""Small charts as the numbers that an SVG needs: no style, no script, and no library."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

HEIGHT = 100.0
JOINED = 2  # points that are so many steps apart belong to one line: one may be missing
FRESH = 3  # moments after which a newest value says nothing of now
Values = Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Chart:
    """A line over time, oldest first. Coordinates grow to the right and downwards.

    `line` and `area` are paths in a box of `width` by `height`; `peak` is the largest value and
    `last` the newest one if it is new, both in words.
    """

    line: str
    area: str
    width: int
    height: int
    peak: str
    last: str
    alarm: bool


def chart(
    values: Values,
    *,
    show: Callable[[float], str],
    top: float | None = None,
    alarm: float = math.inf,
) -> Chart:
    """Draw `values`, where None is a moment of which nothing is known.

    `top` fixes the scale. A newest value of at least `alarm` is one to worry about; it is the
    newest one that is known, unless that is more than FRESH moments old.
    """
    known = [value for value in values if value is not None]
    upper = top or nice(max(known, default=0.0))
    runs = list(_runs(values, upper))
    newest = next((value for value in reversed(values[-FRESH:]) if value is not None), None)
    return Chart(
        line=" ".join(_line(run) for run in runs),
        area=" ".join(_area(run) for run in runs if len(run) > 1),
        width=max(len(values) - 1, 1),
        height=int(HEIGHT),
        peak=show(max(known)) if known else "",
        last="" if newest is None else show(newest),
        alarm=newest is not None and newest >= alarm,
    )


def nice(value: float) -> float:
    """The next number up that is 1, 2 or 5 times a power of ten; 1 for nothing."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= value)


def _runs(values: Values, top: float) -> Iterator[list[tuple[int, float]]]:
    """Points that belong to one line, as coordinates."""
    run: list[tuple[int, float]] = []
    for x, value in enumerate(values):
        if value is None:
            continue
        if run and x - run[-1][0] > JOINED:
            yield run
            run = []
        run.append((x, round(HEIGHT - min(value / top, 1.0) * HEIGHT, 2)))
    if run:
        yield run


def _line(run: list[tuple[int, float]]) -> str:
    # One point alone is a line of no length, which round ends make a dot.
    (x, y), *rest = run
    return f"M{x} {y:g}" + ("".join(f"L{x} {y:g}" for x, y in rest) or "h0")


def _area(run: list[tuple[int, float]]) -> str:
    return f"{_line(run)}L{run[-1][0]} {HEIGHT:g}L{run[0][0]} {HEIGHT:g}Z"
