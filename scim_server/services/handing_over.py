"""What a removed connection managed becomes another connection's, or is managed by hand, a batch at a time.

Nothing else of it changes: neither seats nor versions, so no client reads it again. A process that ends on the way, or
a request that was let in before the removal and wrote after it, leaves something behind for the chore.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import timedelta

from scim_server.domain.events import Cause, Change
from scim_server.domain.facts import of_group, of_resource, of_tombstone
from scim_server.domain.instants import later
from scim_server.domain.particulars import BY_HAND
from scim_server.domain.tenants import Connection, Tenant
from scim_server.services.actors import CONNECTION
from scim_server.services.chores import cause as chore_cause
from scim_server.services.chores import step_by_step
from scim_server.services.ports import Belonging, UnitOfWork, Units
from scim_server.services.retrying import retried

BATCH = 500
"""Things in one transaction: as long as it takes, nobody else changes them."""
LATEST = timedelta(hours=1)
"""After the removal nobody writes any more who was let in before it."""
CHORE = "hand-over"


def hand_over(units: Units, tenant: Tenant, cause: Cause, removed: Connection) -> Iterator[int]:
    """Hand over whatever belongs to a removed connection; answers batch by batch how many things."""
    for kind in Belonging:
        last = ""
        while True:
            with units.read(tenant) as uow:
                ids = uow.belongings.page(kind, _origin(removed), last, BATCH)
            if not ids:
                break
            yield _hand(units, tenant, cause, removed, kind, ids)
            last = ids[-1]


def hand_over_rest(units: Units) -> Iterator[int]:
    """The chore: hand over what is left of removed connections, until nothing can come any more."""
    with units.overview() as operator:
        found = operator.unsettled_connections()
    tenants = {tenant.id: tenant for tenant, _ in found}
    yield from step_by_step(
        tenants.values(),
        lambda tenant: _rest(units, tenant, [connection for owner, connection in found if owner.id == tenant.id]),
    )


def _rest(units: Units, tenant: Tenant, removed: Iterable[Connection]) -> Iterator[int]:
    for connection in removed:
        is_last = str(connection.removed) < later(units.now(), -LATEST)
        yield from hand_over(units, tenant, chore_cause(CHORE), connection)
        if is_last:
            _settle(units, tenant, connection)


@retried
def _settle(units: Units, tenant: Tenant, connection: Connection) -> None:
    with units.write(tenant, chore_cause(CHORE)) as uow:
        uow.connections.settle(connection.id)
        uow.commit()


@retried
def _hand(
    units: Units, tenant: Tenant, cause: Cause, removed: Connection, kind: Belonging, ids: Collection[str]
) -> int:
    with units.write(tenant, cause) as uow:
        uow.guard(exclusive=False)  # so that whoever has them next is not removed meanwhile
        to = _heir(uow, removed)
        mine = uow.belongings.lock(kind, _origin(removed), ids)
        uow.belongings.hand(kind, mine, to)
        for change in _changes(uow, kind, mine, _origin(removed), to):
            uow.record(change)
        uow.commit()
        return len(mine)


def _origin(connection: Connection) -> str:
    return f"{CONNECTION}{connection.id}"


def _heir(uow: UnitOfWork, removed: Connection) -> str:
    """The origin of what is handed over: who has it next may have been removed since, and so on."""
    ever = {each.id: each for each in uow.connections.ever()}
    heir: Connection | None = ever[removed.id]
    while heir is not None and heir.removed is not None:
        heir = None if heir.successor is None else ever[heir.successor]
    return BY_HAND if heir is None else _origin(heir)


def _changes(uow: UnitOfWork, kind: Belonging, ids: Collection[str], before: str, after: str) -> Iterator[Change]:
    """One for each, in facts that differ, but for a group's name, which whoever derives events from it needs."""
    action = f"{kind}.{'linked' if after.startswith(CONNECTION) else 'unlinked'}"
    match kind:
        case Belonging.USER:
            for each in ids:
                yield Change(kind, each, action, {"origin": before}, {"origin": after})
        case Belonging.GROUP:
            for group in uow.groups.some(ids):
                yield Change(kind, group.id, action, of_group(replace(group, origin=before)), of_group(group))
        case Belonging.RESOURCE:
            for found in uow.resources.some(ids):
                then, now = (of_resource(each)["meta"] for each in (replace(found, origin=before), found))
                yield Change(kind, found.id, action, {"meta": then}, {"meta": now})
        case Belonging.TOMBSTONE:
            for left in uow.tombstones.some(ids):
                earlier = replace(left, user=replace(left.user, origin=before))
                then, now = (of_tombstone(each)["person"] for each in (earlier, left))
                yield Change(kind, left.user.id, action, {"person": then}, {"person": now})
