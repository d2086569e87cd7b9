"""What a mutant is: one mistake, put into one file, and the tests that must notice."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mutant:
    """A mistake to make: in `file` the text `old`, which is there exactly once, becomes `new`.

    `tests` are written app/module::test, as in "timelines/test_store::test_it_trims". `unseen`
    says why the model test cannot notice, for mistakes that change no timeline by themselves.
    """

    defects: tuple[int, ...]
    mistake: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    unseen: str = ""

    @property
    def node_ids(self) -> list[str]:
        """The tests, as pytest names them."""
        return [_node_id(test) for test in self.tests]

    def applied(self, source: str) -> str:
        """The file's text with the mistake in it. Raises DoesNotFit."""
        if source.count(self.old) != 1:
            raise DoesNotFit(f"{self.file} has {source.count(self.old)} times: {self.old!r}")
        return source.replace(self.old, self.new)


class DoesNotFit(Exception):
    """The text that a mutant replaces is not there any more, or not only once."""


def _node_id(test: str) -> str:
    module, _, name = test.partition("::")
    app, _, module = module.partition("/")
    return f"{app}/tests/{module}.py::{name}"
