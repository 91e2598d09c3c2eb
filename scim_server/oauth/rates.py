"""RFC 6585 section 4: how many requests a caller and a tenant may send, wherever to, counted in this process."""

from dataclasses import dataclass, field
from math import ceil
from time import time
from typing import TYPE_CHECKING

from scim_server.domain.tenants import Tenant

if TYPE_CHECKING:
    from limits import RateLimitItem
    from limits.strategies import SlidingWindowCounterRateLimiter


class TooManyRequests(Exception):
    """A caller, or its tenant as a whole, has used up what it may send in a window of time."""

    def __init__(self, whose: str, limit: "RateLimitItem", seconds: int) -> None:
        super().__init__(whose)
        self.detail = f"This {whose} may send {limit}. Nothing was done; send the request again in {seconds} s."
        self.retry_after = str(seconds)


def _no_requests_yet() -> "SlidingWindowCounterRateLimiter":
    # Imported here because the command line, which counts nothing, starts faster without it.
    from limits.storage import MemoryStorage
    from limits.strategies import SlidingWindowCounterRateLimiter

    return SlidingWindowCounterRateLimiter(MemoryStorage())


@dataclass(frozen=True)
class RateLimits:
    """What one caller (a connection, a person, a client at its issuer), and all of a tenant together, may send; None
    where nothing limits them."""

    caller: "RateLimitItem | None"
    tenant: "RateLimitItem | None"
    _windows: "SlidingWindowCounterRateLimiter" = field(default_factory=_no_requests_yet)

    def take(self, tenant: Tenant, whose: str, caller_id: str) -> None:
        """Count a request of a caller, `whose` says of what kind. Raises TooManyRequests where it is one too many."""
        self._take(whose, self.caller, f"{tenant.id}/{caller_id}")
        self.take_of(tenant)

    def take_of(self, tenant: Tenant) -> None:
        """The same where only the tenant is limited."""
        self._take("tenant", self.tenant, tenant.id)

    def _take(self, whose: str, limit: "RateLimitItem | None", key: str) -> None:
        if limit is None or self._windows.hit(limit, whose, key):
            return
        reset = self._windows.get_window_stats(limit, whose, key).reset_time
        raise TooManyRequests(whose, limit, max(1, ceil(reset - time())))


def rate_limits(caller: str | None, tenant: str | None) -> RateLimits:
    """Limits written as `100/second` or `6000/minute`."""
    from limits import parse

    return RateLimits(None if caller is None else parse(caller), None if tenant is None else parse(tenant))
