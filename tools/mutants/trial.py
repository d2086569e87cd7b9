"""Applies mutants to a tree, one at a time, and runs their tests."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.mutants import runs, sources
from tools.mutants.mutant import DoesNotFit, Mutant

MODEL = "test_whatever_happens_timelines_are_what_the_definition_says"
SECONDS_FOR_A_MUTANT = 240
SECONDS_FOR_ALL = 900
SECONDS_FOR_THE_MODEL = 900


class Trial:
    """A tree of source files, to which one mutant at a time is applied."""

    def __init__(self, tree: Path) -> None:
        self.tree = tree
        self.code = sources.index_code(tree)
        self.tests = sources.index_tests(tree)

    def misfit(self, mutant: Mutant) -> str:
        """Why the mutant cannot be applied to this tree; "" if it can."""
        try:
            self.changed(mutant)
            self.node_ids([mutant])
        except (DoesNotFit, sources.NotFound) as error:
            return str(error)
        return ""

    def changed(self, mutant: Mutant) -> tuple[Path, str]:
        """The file to change, and its text with the mistake. Raises DoesNotFit or NotFound."""
        definition = self.code.find(mutant.target)
        file = self.tree / definition.file
        return file, definition.changed(file.read_text("utf-8"), mutant.applied)

    def node_ids(self, mutants: Iterable[Mutant]) -> list[str]:
        """All tests of these mutants, as pytest names them. Raises NotFound."""
        names = {name for mutant in mutants for name in mutant.tests}
        return sorted(sources.node_id(name, self.tests) for name in names)

    def unchanged(self, mutants: Iterable[Mutant]) -> runs.Run:
        """Run all tests of these mutants on the unchanged code."""
        return runs.pytest(self.node_ids(mutants), within=self.tree, seconds=SECONDS_FOR_ALL)

    def outcome(self, mutant: Mutant) -> runs.Outcome:
        """Apply a mutant, run its tests, and revert it."""
        of_the_model = mutant.tests == (MODEL,)
        seconds = SECONDS_FOR_THE_MODEL if of_the_model else SECONDS_FOR_A_MUTANT
        with self._applied(mutant):
            run = runs.pytest(self.node_ids([mutant]), within=self.tree, seconds=seconds)
        return runs.verdict_of_the_model(run) if of_the_model else runs.verdict(run)

    @contextmanager
    def _applied(self, mutant: Mutant) -> Iterator[None]:
        file, changed = self.changed(mutant)
        source = file.read_bytes()
        file.write_text(changed, "utf-8")
        try:
            yield
        finally:
            file.write_bytes(source)
