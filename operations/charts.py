"""Small line charts as SVG path data, without inline styles, scripts or a library."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

HEIGHT = 100.0
MAX_STEP = 2  # points at most so many slots apart are joined: one value may be missing
FRESH_SLOTS = 3  # a newest value older than this is not shown as the current one
Values = Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Chart:
    """A line over time, oldest first. Coordinates grow to the right and downwards.

    `line` and `area` are paths in a box of `width` by `height`. `peak` is the largest value and
    `last` the newest one, both formatted; `last` is empty if the newest value is too old.
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
    format_value: Callable[[float], str],
    maximum: float | None = None,
    alarm_at: float = math.inf,
) -> Chart:
    """Draw `values`, one for each time slot; None marks a slot without a value.

    `maximum` fixes the scale. The chart raises an alarm if the newest known value is at least
    `alarm_at`, unless that value is more than FRESH_SLOTS slots old.
    """
    known = [value for value in values if value is not None]
    upper = maximum or round_up(max(known, default=0.0))
    runs = list(_runs(values, upper))
    newest = next((value for value in reversed(values[-FRESH_SLOTS:]) if value is not None), None)
    return Chart(
        line=" ".join(_line(run) for run in runs),
        area=" ".join(_area(run) for run in runs if len(run) > 1),
        width=max(len(values) - 1, 1),
        height=int(HEIGHT),
        peak=format_value(max(known)) if known else "",
        last="" if newest is None else format_value(newest),
        alarm=newest is not None and newest >= alarm_at,
    )


def round_up(value: float) -> float:
    """Round up to 1, 2 or 5 times a power of ten. Returns 1 for zero and negative values."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= value)


def _runs(values: Values, maximum: float) -> Iterator[list[tuple[int, float]]]:
    """The coordinates of each unbroken line."""
    run: list[tuple[int, float]] = []
    for x, value in enumerate(values):
        if value is None:
            continue
        if run and x - run[-1][0] > MAX_STEP:
            yield run
            run = []
        run.append((x, round(HEIGHT - min(value / maximum, 1.0) * HEIGHT, 2)))
    if run:
        yield run


def _line(run: list[tuple[int, float]]) -> str:
    # A single point is a line of zero length, which round line caps draw as a dot.
    (x, y), *rest = run
    return f"M{x} {y:g}" + ("".join(f"L{x} {y:g}" for x, y in rest) or "h0")


def _area(run: list[tuple[int, float]]) -> str:
    return f"{_line(run)}L{run[-1][0]} {HEIGHT:g}L{run[0][0]} {HEIGHT:g}Z"
