"""Formats the results of the trials as a table."""

from tools.chaos.load import READING, WRITING
from tools.chaos.trial import CLEAN_SECONDS, Result

HEAD = (
    f"{'fault':32}{'requests':>9}{'failed':>8}{'cut':>5}{'strange':>9}"
    f"{'post ms':>9}{'read ms':>9}{'(before)':>11}{'slow':>6}{'stall':>7}"
    f"{'lost':>6}{'differ':>8}{'heal s':>8}"
)
UNITS = 1000


def row(result: Result) -> str:
    """The row of one fault: requests by outcome, the slowest responses, and the recovery."""
    name = f"{result.fault.name:32}"
    if result.not_possible:
        return f"{name}   NOT POSSIBLE HERE: {result.not_possible}"
    before, during = result.before, result.during
    worst = [during.slowest(*WRITING), during.slowest(*READING)]
    usual = f"{before.slowest(*WRITING) * UNITS:.0f}/{before.slowest(*READING) * UNITS:.0f}"
    heal = "never" if result.heal is None else f"{result.heal:.1f}"
    return (
        f"{name}{during.requests:9}{during.count('failed'):8}{during.count('cut'):5}"
        f"{during.count('strange'):9}{worst[0] * UNITS:9.0f}{worst[1] * UNITS:9.0f}{usual:>11}"
        f"{during.slower(CLEAN_SECONDS, *WRITING, *READING):6}"
        f"{max(before.stall, during.stall) * UNITS:7.0f}{len(result.lost) + len(result.expected):6}"
        f"{len(result.differing):8}{heal:>8}"
    )


def text(result: Result) -> str:
    """The row, and below it a line for each problem, and one for what is lost as expected."""
    wrong = [f"    WRONG: {problem}" for problem in result.problems]
    if result.expected:
        number = len(result.expected)
        wrong.append(f"    EXPECTED: posts are missing that were acknowledged, {number} of them.")
    return "\n".join([row(result), *wrong])
