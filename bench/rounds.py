"""Interleaved rounds: what is compared runs in turns, so that a noisy minute hits all of it."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Measure = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Sample:
    """What the rounds of one candidate gave, in the order of the rounds."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one."""
        return statistics.median(self.values)

    def shown(self, unit: str = "", digits: int = 3) -> str:
        """Median and spread, for people: `12.3 ms (11.9 to 14.0)`."""
        least, most = number(min(self.values), digits), number(max(self.values), digits)
        return f"{number(self.median, digits)}{unit} ({least} to {most})"


@dataclass(frozen=True, slots=True)
class Timed:
    """Seconds on the clock, and of CPU of all that took part: workers, relay, sender, servers."""

    wall: Sample
    cpu: Sample


def interleave(candidates: Mapping[str, Measure], *, rounds: int) -> dict[str, Sample]:
    """Run every candidate once a round, every other round backwards."""
    values: dict[str, list[float]] = {name: [] for name in candidates}
    order = list(candidates)
    for turn in range(rounds):
        for name in order if turn % 2 == 0 else reversed(order):
            values[name].append(candidates[name]())
    return {name: Sample(tuple(found)) for name, found in values.items()}


def ratio(one: Sample, other: Sample) -> float:
    """The median of the ratios within each round: noise that both felt falls out."""
    pairs = zip(one.values, other.values, strict=True)
    return statistics.median(a / b if b else float("inf") for a, b in pairs)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that `share` of all do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, int(len(ordered) * share + 0.999999) - 1))]


def number(value: float, digits: int = 3) -> str:
    """A number as people read it: three digits that count, and commas in large ones."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.{digits}g}"
