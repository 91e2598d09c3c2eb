"""RFC 6585 section 4: how many requests a connection and a tenant may send, counted in this process."""

from dataclasses import dataclass, field
from math import ceil
from time import time

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from scim_server.oauth.bearers import Bearer


class TooManyRequests(Exception):
    """The connection, or its tenant as a whole, has used up what it may send in a window of time."""

    def __init__(self, whose: str, limit: RateLimitItem, seconds: int) -> None:
        super().__init__(whose)
        self.detail = f"This {whose} may send {limit}. Nothing was done; send the request again in {seconds} s."
        self.retry_after = str(seconds)


@dataclass(frozen=True)
class RateLimits:
    """What one connection or person, and all of a tenant together, may send; None where nothing limits them."""

    connection: RateLimitItem | None
    tenant: RateLimitItem | None
    _windows: SlidingWindowCounterRateLimiter = field(
        default_factory=lambda: SlidingWindowCounterRateLimiter(MemoryStorage())
    )

    def take(self, bearer: Bearer) -> None:
        """Count a request. Raises TooManyRequests where it is one too many."""
        whose, owner_id = bearer.owner
        self._take(whose, self.connection, f"{bearer.tenant.id}/{owner_id}")
        self._take("tenant", self.tenant, bearer.tenant.id)

    def _take(self, whose: str, limit: RateLimitItem | None, key: str) -> None:
        if limit is None or self._windows.hit(limit, whose, key):
            return
        reset = self._windows.get_window_stats(limit, whose, key).reset_time
        raise TooManyRequests(whose, limit, max(1, ceil(reset - time())))


def rate_limits(connection: str | None, tenant: str | None) -> RateLimits:
    """Limits written as `100/second` or `6000/minute`."""
    return RateLimits(None if connection is None else parse(connection), None if tenant is None else parse(tenant))
