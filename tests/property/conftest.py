"""Batches of examples (tests/examples.py)."""

import pytest

from tests.examples import BATCHES


@pytest.fixture(params=BATCHES)
def batch(request: pytest.FixtureRequest) -> int:
    """Each batch tries examples of its own."""
    number: int = request.param
    return number
