"""What a mutant is: one mistake in one piece of code, and the tests that must notice."""

from dataclasses import dataclass


class DoesNotFit(Exception):
    """The text that a mutant replaces is not in its target, or is there more than once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A mistake to make: in `target` the text `old`, which is there exactly once, becomes `new`.

    Code and tests are referred to by name, so that they can move between files. `target` is the
    name of a function, class, method or constant, as in "push", "Source.key" or "BUCKETS"; where
    several have it, a package comes first, as in "timelines:push". `tests` are written in the same
    way, with their parameters, if any, in brackets.

    `unseen` says why the model test cannot notice, for mistakes that change no timeline by
    themselves.
    """

    defects: tuple[int, ...]
    mistake: str
    target: str
    old: str
    new: str
    tests: tuple[str, ...]
    unseen: str = ""

    def applied(self, code: str) -> str:
        """The target's code with the mistake in it. Raises DoesNotFit."""
        times = code.count(self.old)
        if times != 1:
            raise DoesNotFit(f"{self.target} has {times} times: {self.old!r}")
        return code.replace(self.old, self.new)
