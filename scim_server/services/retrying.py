"""A use case that loses against another transaction runs again, as a whole."""

import random
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from scim_server.domain.errors import Contention
from scim_server.telemetry import traces
from scim_server.telemetry.catalogue import GIVEN_UP, RETRIES

P = ParamSpec("P")
R = TypeVar("R")

ATTEMPTS = 8
FIRST_PAUSE = 0.005
"""Seconds; doubles with each attempt, with jitter so that the losers do not meet again."""
USE_CASES: set[str] = set()
"""What may run again, by the names that it is counted under, as far as it is loaded."""


def retried(use_case: Callable[P, R]) -> Callable[P, R]:
    """`use_case`, begun again after Contention; the last failure is let through."""

    name = getattr(use_case, "__name__", "").strip("_")
    USE_CASES.add(name)

    @wraps(use_case)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with traces.span(name):
            return _run(name, lambda: use_case(*args, **kwargs))

    return run


def _run(name: str, attempt: Callable[[], R]) -> R:
    for number in range(ATTEMPTS - 1):
        try:
            return attempt()
        except Contention:
            RETRIES.add(name)
            time.sleep(FIRST_PAUSE * 2**number * (0.5 + random.random()))  # noqa: S311 jitter, no secret
    try:
        return attempt()
    except Contention:
        GIVEN_UP.add(name)
        raise
