"""The table of mutants stays true, so that `script/mutants` can run whenever it is wanted."""

import ast
from pathlib import Path
from textwrap import dedent

import pytest

from tools.mutants import DEFECTS, MUTANTS, NOT_YET
from tools.mutants.checkout import CHECKOUT
from tools.mutants.mutant import DoesNotFit, Mutant
from tools.mutants.sources import NotFound, index_code, index_tests, node_id
from tools.mutants.trial import MODEL, Trial

STORE = """\
    LIMIT = 2  # at most
    WIDTH: int = 3

    class Source:
        @property
        def key(self) -> str:
            return "key"

    def push() -> int:
        def add() -> int:
            return 1

        return add()

    def drop() -> int:
        return 1
"""
TEST_STORE = """\
    class TestPush:
        def test_it_adds(self) -> None: ...

    def test_it_drops() -> None: ...
"""


@pytest.fixture(scope="module")
def trial() -> Trial:
    """The checkout itself, to look at and not to change."""
    return Trial(CHECKOUT)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small checkout of two packages, of which both define `LIMIT`."""
    write(tmp_path, "timelines/__init__.py", "")
    write(tmp_path, "timelines/store.py", STORE)
    write(tmp_path, "timelines/tests/test_store.py", TEST_STORE)
    write(tmp_path, "tweets/__init__.py", "")
    write(tmp_path, "tweets/read/lists.py", "LIMIT = 20")
    return tmp_path


def write(tree: Path, name: str, source: str) -> None:
    """Make one file, and the directories that it is in."""
    file = tree / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(dedent(source))


def mutant(target: str, old: str) -> Mutant:
    """A mutant that puts "0" in place of a text."""
    return Mutant(defects=(1,), mistake="Nothing", target=target, old=old, new="0", tests=())


# --- The table ----------------------------------------------------------------------------------


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.mistake)
def test_a_mutant_fits_the_code_and_names_tests_that_exist(mutant: Mutant, trial: Trial) -> None:
    assert trial.misfit(mutant) == ""
    assert mutant.old != mutant.new
    assert mutant.tests
    file, changed = trial.changed(mutant)
    ast.parse(changed, str(file))


def test_the_model_test_exists(trial: Trial) -> None:
    assert node_id(MODEL, trial.tests)


def test_every_defect_has_a_mutant() -> None:
    tried = {number for mutant in MUTANTS for number in mutant.defects}
    assert set(DEFECTS) == set(range(1, 21))
    assert set(DEFECTS) == tried
    assert set(NOT_YET) <= set(DEFECTS)


def test_no_two_mutants_are_the_same() -> None:
    assert len({mutant.mistake for mutant in MUTANTS}) == len(MUTANTS)
    assert len({(m.target, m.old, m.new) for m in MUTANTS}) == len(MUTANTS)


# --- Looking up names ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "lines"),
    [
        ("drop", (15, 16)),
        ("Source", (4, 7)),
        ("Source.key", (5, 7)),
        ("WIDTH", (2, 2)),
        ("push.add", (10, 11)),
        ("timelines:LIMIT", (1, 1)),
        ("timelines.store:LIMIT", (1, 1)),
    ],
    ids=[
        *("function", "class", "method", "constant", "nested"),
        *("within a package", "within a module"),
    ],
)
def test_a_name_is_found(tree: Path, target: str, lines: tuple[int, int]) -> None:
    found = index_code(tree).find(target)
    assert found.file == Path("timelines/store.py")
    assert (found.first, found.last) == lines


def test_a_package_is_named_however_deep_the_module_is(tree: Path) -> None:
    assert index_code(tree).find("tweets:LIMIT").file == Path("tweets/read/lists.py")


def test_an_ambiguous_name_lists_the_candidates(tree: Path) -> None:
    with pytest.raises(NotFound) as caught:
        index_code(tree).find("LIMIT")
    assert str(caught.value) == (
        "LIMIT is ambiguous: timelines.store:LIMIT (line 1), tweets.read.lists:LIMIT (line 1)"
    )


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("nothing", "nothing is not defined"),
        ("Source.keys", "Source.keys is not defined; there is timelines.store:Source.key (line 5)"),
        ("tweets:push", "tweets:push is not defined; there is timelines.store:push (line 9)"),
        ("time:push", "time:push is not defined; there is timelines.store:push (line 9)"),
    ],
)
def test_a_missing_name_says_what_there_is_instead(tree: Path, target: str, message: str) -> None:
    with pytest.raises(NotFound) as caught:
        index_code(tree).find(target)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("package", ["tests", "tools", "bench"])
def test_code_that_no_installation_runs_is_not_looked_at(tree: Path, package: str) -> None:
    write(tree, f"{package}/__init__.py", "def push() -> None: ...")
    write(tree, "timelines/tests/helpers.py", "def push() -> None: ...")
    assert index_code(tree).find("push").file == Path("timelines/store.py")


def test_tests_are_named_as_pytest_does(tree: Path) -> None:
    file = "timelines/tests/test_store.py"
    assert node_id("test_it_drops", index_tests(tree)) == f"{file}::test_it_drops"
    assert node_id("test_it_drops[all]", index_tests(tree)) == f"{file}::test_it_drops[all]"
    assert node_id("TestPush.test_it_adds", index_tests(tree)) == f"{file}::TestPush::test_it_adds"


def test_other_code_is_no_test(tree: Path) -> None:
    with pytest.raises(NotFound):
        node_id("push", index_tests(tree))


# --- Changing code ------------------------------------------------------------------------------


def test_only_the_target_is_changed(tree: Path) -> None:
    file, changed = Trial(tree).changed(mutant("drop", "1"))
    before, after = file.read_text().splitlines(), changed.splitlines()
    assert [(old, new) for old, new in zip(before, after, strict=True) if old != new] == [
        ("    return 1", "    return 0")
    ]


@pytest.mark.parametrize(
    ("old", "message"),
    [("2", "push has 0 times: '2'"), ("add()", "push has 2 times: 'add()'")],
)
def test_the_old_text_has_to_be_there_exactly_once(tree: Path, old: str, message: str) -> None:
    with pytest.raises(DoesNotFit) as caught:
        Trial(tree).changed(mutant("push", old))
    assert str(caught.value) == message
