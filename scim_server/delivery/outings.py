"""A request on its way to another server: counted, and part of the trace, with which the receiver can go on."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from scim_server.services.ports import Fetched
from scim_server.telemetry import traces
from scim_server.telemetry.catalogue import EGRESS, EGRESS_SECONDS

UNREACHABLE = "unreachable"
"""What came of a request whose answer is none that is taken."""


@dataclass(slots=True)
class Outing:
    """One request. `headers` are to be sent along with its own."""

    headers: Mapping[str, str] = field(default_factory=traces.outgoing)
    outcome: str = UNREACHABLE

    def answered(self, fetched: Fetched) -> Fetched:
        """What came back, passed through."""
        self.outcome = f"{fetched.status // 100}xx"
        return fetched


@contextmanager
def outing(method: str) -> Iterator[Outing]:
    """Whoever leaves the block without an answer has reached nobody."""
    begun = time.monotonic()
    with traces.span(method, "CLIENT", http__request__method=method) as span:
        out = Outing()
        try:
            yield out
        finally:
            EGRESS.add(out.outcome)
            EGRESS_SECONDS.observe(time.monotonic() - begun)
            span.set_attribute("scim.outcome", out.outcome)
