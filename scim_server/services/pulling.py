"""Events for whoever asks for them, in the order of their positions."""

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from scim_server.domain.errors import Gone, Invalid
from scim_server.domain.events import PlacedEvent, is_of
from scim_server.domain.tenants import Tenant
from scim_server.services.event_types import EVENT_TYPES
from scim_server.services.ports import Units

SCANNED = 5000
"""Events that are looked at for one answer, however few of them are wanted."""
LONGEST_WAIT = 60
"""Seconds that somebody may wait for an event."""


class Watch(Protocol):
    """Knows when there are new events."""

    def wait(self, tenant: Tenant, position: int, seconds: float) -> bool:
        """Wait so long at most until the tenant has an event behind that position; False where it has none, or there
        is no room for more who wait."""
        ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks for: the events behind a position, or all that are kept; of those types, or of every one."""

    after: int | None
    types: frozenset[str] | None
    most: int


@dataclass(frozen=True, slots=True)
class Pulled:
    """Events of a tenant, oldest first, behind which position to ask on, and the last position that there is."""

    tenant: Tenant
    events: Sequence[PlacedEvent]
    next: int
    last: int


def types_of(named: Collection[str]) -> frozenset[str] | None:
    """The types that are named, each by itself or with all that begin so; None, which is every type, where none is.

    Raises Invalid for a name of nothing.
    """
    found: set[str] = set()
    for name in named:
        meant = {each for each in EVENT_TYPES if is_of(each, name)}
        if not meant:
            raise Invalid(
                f"There is no type of event '{name}'. `scim-server event types` and /api/v1/event-types list them all."
            )
        found |= meant
    return frozenset(found) or None


def pull(units: Units, tenant: Tenant, wanted: Wanted) -> Pulled:
    """The next events, as they are now. Raises Gone where some behind the position are forgotten, Invalid where it
    lies ahead of them all.

    Of many that are left out by their types only so many are looked at: there may be more behind an empty answer,
    while `next` is less than `last`.
    """
    with units.snapshot(tenant) as uow:
        before, last = uow.placed_events.reach()
        after = before if wanted.after is None else wanted.after
        _check(after, before, last)
        upto = min(after + SCANNED, last)
        found = uow.placed_events.behind(after, wanted.most, upto=upto, types=wanted.types, scim=False)
    return Pulled(tenant, found, found[-1].position if len(found) == wanted.most else upto, last)


def newest(units: Units, tenant: Tenant, most: int) -> int:
    """The position behind which the last events are, so many at most."""
    with units.read(tenant) as uow:
        before, last = uow.placed_events.reach()
        return max(before, last - most)


def latest(units: Units, tenant: Tenant, types: frozenset[str] | None, most: int) -> Pulled:
    """The last events of those types, so many at most; of types, among the last that are looked at for one answer."""
    looked_at = most if types is None else SCANNED
    pulled = pull(units, tenant, Wanted(newest(units, tenant, looked_at), types, looked_at))
    return replace(pulled, events=pulled.events[-most:])


def await_events(units: Units, tenant: Tenant, wanted: Wanted, watch: Watch | None, seconds: float) -> Pulled:
    """The same; where there is nothing, wait so many seconds at most for the first. Without a watch nobody waits."""
    ends = time.monotonic() + seconds
    pulled = pull(units, tenant, wanted)
    while watch is not None and not pulled.events and (left := ends - time.monotonic()) > 0:
        if pulled.next == pulled.last and not watch.wait(tenant, pulled.next, left):
            break
        pulled = pull(units, tenant, replace(wanted, after=pulled.next))
    return pulled


def _check(after: int, before: int, last: int) -> None:
    if after < before:
        raise Gone(
            f"Events up to position {before} are not kept any more, so some behind {after} would be missed. Take stock "
            f"of what you keep, then go on with after={before}."
        )
    if after > last:
        raise Invalid(f"There is no event at position {after} yet: the last one is at {last}. Go on with after={last}.")
