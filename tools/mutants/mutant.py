"""A mutant: one mistake in one piece of code, and the tests that must detect it."""

from dataclasses import dataclass


class DoesNotFit(Exception):
    """The text that a mutant replaces does not occur in its target exactly once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A mistake: in `target`, the only occurrence of the text `old` is replaced by `new`.

    Code and tests are referred to by name, so that they can move between files. `target` is the
    name of a function, class, method or constant, as in "push", "Source.key" or "BUCKETS"; where
    several have the same name, a package comes first, as in "timelines:push". `tests` are names in
    the same form, with their parameters, if any, in brackets.

    `unseen` says why the model test cannot detect the mistake, if it cannot.
    """

    defects: tuple[int, ...]
    mistake: str
    target: str
    old: str
    new: str
    tests: tuple[str, ...]
    unseen: str = ""

    def applied(self, code: str) -> str:
        """The code of the target with the mistake applied. Raises DoesNotFit."""
        times = code.count(self.old)
        if times != 1:
            raise DoesNotFit(f"{self.target} has {times} times: {self.old!r}")
        return code.replace(self.old, self.new)
