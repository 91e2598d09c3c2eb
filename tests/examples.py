"""How many examples the property tests try: SCIM_TEST_EXAMPLES of each (100).

They are tried in batches, because hypothesis remembers what it has tried, and so that `-n` has something to share out.
"""

import os
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, settings

EXAMPLES = int(os.environ.get("SCIM_TEST_EXAMPLES", "100"))
ROUNDS = int(os.environ.get("SCIM_TEST_ROUNDS", "1"))
"""How often the races of tests/security and tests/http/test_grant_races.py are run."""
BATCH = 500
BATCHES = range(-(-EXAMPLES // BATCH))


def long_run(test: Callable[..., None]) -> Callable[..., None]:
    """EXAMPLES of a test, in batches; at random where there are several, so that they differ."""
    batched = settings(
        max_examples=min(EXAMPLES, BATCH),
        deadline=None,
        derandomize=settings.default.derandomize and EXAMPLES <= BATCH,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
    )
    return pytest.mark.usefixtures("batch")(batched(test))
