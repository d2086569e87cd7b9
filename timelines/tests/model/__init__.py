"""The parts of the model test: the steps that can change timelines, and the invariants."""

import pytest

# So that a failed assertion shows the values that it compared.
pytest.register_assert_rewrite(
    *(f"{__name__}.{part}" for part in ("delivery", "faults", "invariants", "reading", "writing"))
)
