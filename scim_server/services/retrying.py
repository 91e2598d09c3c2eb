"""A use case that loses against another transaction runs again, as a whole."""

import random
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from scim_server.domain.errors import Contention

P = ParamSpec("P")
R = TypeVar("R")

ATTEMPTS = 8
FIRST_PAUSE = 0.005
"""Seconds; doubles with each attempt, with jitter so that the losers do not meet again."""


def retried(use_case: Callable[P, R]) -> Callable[P, R]:
    """`use_case`, begun again after Contention; the last failure is let through."""

    @wraps(use_case)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        for attempt in range(ATTEMPTS - 1):
            try:
                return use_case(*args, **kwargs)
            except Contention:
                time.sleep(FIRST_PAUSE * 2**attempt * (0.5 + random.random()))  # noqa: S311 jitter, no secret
        return use_case(*args, **kwargs)

    return run
