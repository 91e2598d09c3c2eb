"""People whom an admin wants to add as soon as their address is free."""

from dataclasses import dataclass

from sqlalchemy import bindparam, delete, select

from scim_server.domain.particulars import Newcomer, PendingAdd
from scim_server.protocol.normalising import address_key
from scim_server.store.scopes import Scope
from scim_server.store.tables import pending_adds

_OF_TENANT = pending_adds.c.tenant_id == bindparam("tenant")
_ALL = select(pending_adds).where(_OF_TENANT).order_by(pending_adds.c.created, pending_adds.c.id)
_REMOVE = delete(pending_adds).where(_OF_TENANT, pending_adds.c.id == bindparam("of_add"))
_REMOVE_OF_ADDRESS = delete(pending_adds).where(_OF_TENANT, pending_adds.c.address_key == bindparam("key"))


@dataclass(frozen=True, slots=True)
class PendingAdds:
    """What waits in one tenant."""

    scope: Scope

    def put(self, pending: PendingAdd) -> bool:
        key = address_key(pending.newcomer.address)
        self.scope.run(_REMOVE_OF_ADDRESS, key=key)
        row = {
            "id": pending.id,
            "address_key": key,
            "newcomer": pending.newcomer.facts(),
            "created": pending.created,
        }
        return bool(self.scope.inserted(pending_adds, pending_adds.c.id, row))

    def all(self) -> list[PendingAdd]:
        return [
            PendingAdd(row["id"], Newcomer.of_facts(row["newcomer"]), row["created"]) for row in self.scope.rows(_ALL)
        ]

    def remove(self, add_id: str) -> bool:
        return self.scope.run(_REMOVE, of_add=add_id) == 1
