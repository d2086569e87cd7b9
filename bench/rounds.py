"""Interleaved rounds: candidates run in turns, so that noise affects all of them alike."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Measure = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Sample:
    """The values of one candidate, in the order of the rounds."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The median of the values."""
        return statistics.median(self.values)

    def summary(self, unit: str = "", digits: int = 3) -> str:
        """The median and the spread as text: `12.3 ms (11.9 to 14.0)`."""
        least, most = number(min(self.values), digits), number(max(self.values), digits)
        return f"{number(self.median, digits)}{unit} ({least} to {most})"


@dataclass(frozen=True, slots=True)
class Timed:
    """Wall-clock seconds, and CPU seconds of all processes involved."""

    wall: Sample
    cpu: Sample


def interleave(candidates: Mapping[str, Measure], *, rounds: int) -> dict[str, Sample]:
    """Run each candidate once per round, in reverse order in every other round."""
    values: dict[str, list[float]] = {name: [] for name in candidates}
    order = list(candidates)
    for turn in range(rounds):
        for name in order if turn % 2 == 0 else reversed(order):
            values[name].append(candidates[name]())
    return {name: Sample(tuple(found)) for name, found in values.items()}


def ratio(one: Sample, other: Sample) -> float:
    """The median of the ratios within each round, which cancels noise that affects both."""
    pairs = zip(one.values, other.values, strict=True)
    return statistics.median(a / b if b else float("inf") for a, b in pairs)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that a `share` (0 to 1) of all values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, int(len(ordered) * share + 0.999999) - 1))]


def number(value: float, digits: int = 3) -> str:
    """A number as text: with three significant digits, or commas from 100 on."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.{digits}g}"
