"""The domains that tenants say are their own."""

from dataclasses import dataclass

from sqlalchemy import bindparam, delete, select

from scim_server.domain.domains import Domain
from scim_server.store.rows import Row, columns_of, record_of
from scim_server.store.scopes import Scope
from scim_server.store.tables import domains

_ALL = select(domains).where(domains.c.tenant_id == bindparam("tenant")).order_by(domains.c.name)
_NAMED = _ALL.where(domains.c.name == bindparam("of_name"))
_VERIFIED = select(domains.c.name).where(domains.c.tenant_id == bindparam("tenant"), domains.c.verified.is_not(None))
_REMOVE = delete(domains).where(domains.c.tenant_id == bindparam("tenant"), domains.c.name == bindparam("of_name"))


@dataclass(frozen=True, slots=True)
class Domains:
    """The domains of one tenant."""

    scope: Scope

    def all(self) -> list[Domain]:
        return [_domain(row) for row in self.scope.rows(_ALL)]

    def get(self, name: str) -> Domain | None:
        row = self.scope.row(_NAMED, of_name=name)
        return None if row is None else _domain(row)

    def expect(self) -> None:
        if _VERIFIED not in self.scope.expectations:
            self.scope.expect(_VERIFIED)

    def verified(self) -> frozenset[str]:
        return frozenset(row["name"] for row in self.scope.known(_VERIFIED))

    def put(self, domain: Domain) -> None:
        self.remove(domain.name)
        self.scope.insert(domains, columns_of(domain))

    def remove(self, name: str) -> None:
        self.scope.forget(_VERIFIED)
        self.scope.run(_REMOVE, of_name=name)


def _domain(row: Row) -> Domain:
    return record_of(Domain, row)
