"""The parts of the model test: what can happen to timelines, and what must hold."""

import pytest

# So that a failed assertion says what it compared.
pytest.register_assert_rewrite(
    *(f"{__name__}.{part}" for part in ("delivery", "faults", "held", "reading", "writing"))
)
