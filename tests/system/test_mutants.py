"""The table of mutants stays true, so that `script/mutants` can run whenever it is wanted."""

from pathlib import Path

import pytest

from tools.mutants import DEFECTS, MUTANTS, NOT_YET, Mutant

CHECKOUT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.mistake)
def test_a_mutant_fits_the_code_and_names_tests_that_exist(mutant: Mutant) -> None:
    source = (CHECKOUT / mutant.file).read_text()
    assert mutant.applied(source) != source
    for node_id in mutant.node_ids:
        file, _, test = node_id.partition("::")
        assert f"def {test.partition('[')[0]}(" in (CHECKOUT / file).read_text()


def test_every_defect_has_a_mutant() -> None:
    tried = {number for mutant in MUTANTS for number in mutant.defects}
    assert set(DEFECTS) == set(range(1, 20))
    assert set(DEFECTS) == tried
    assert set(NOT_YET) <= set(DEFECTS)
