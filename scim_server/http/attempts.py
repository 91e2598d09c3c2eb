"""How often somebody may try to prove who they are and fail, counted in this process."""

from dataclasses import dataclass, field
from math import ceil
from time import time

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

MOST = "5/10 minutes"


class TooOften(Exception):
    """Nothing is looked at any more for a while."""

    def __init__(self, seconds: int) -> None:
        super().__init__()
        self.retry_after = str(seconds)


@dataclass(frozen=True)
class Attempts:
    """Attempts by whoever and at whatever `key` says."""

    limit: RateLimitItem = field(default_factory=lambda: parse(MOST))
    _windows: MovingWindowRateLimiter = field(default_factory=lambda: MovingWindowRateLimiter(MemoryStorage()))

    def begin(self, *key: str) -> None:
        """Count an attempt, which is a failed one until it succeeds. Raises TooOften where it is one too many."""
        if not self._windows.hit(self.limit, *key):
            reset = self._windows.get_window_stats(self.limit, *key).reset_time
            raise TooOften(max(1, ceil(reset - time())))

    def succeed(self, *key: str) -> None:
        """Forget what failed before."""
        self._windows.clear(self.limit, *key)
