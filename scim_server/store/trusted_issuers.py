"""The foreign issuers that connections trust."""

from dataclasses import dataclass

from sqlalchemy import LABEL_STYLE_TABLENAME_PLUS_COL, Connection, bindparam, delete, or_, select
from sqlalchemy.exc import IntegrityError

from scim_server.domain.oauth_clients import TrustedIssuer
from scim_server.domain.tenants import Connection as ScimConnection
from scim_server.domain.tenants import Tenant
from scim_server.store import rows
from scim_server.store.scopes import Scope, taken
from scim_server.store.tables import connections, tenants, trusted_issuers

_ALL = (
    select(trusted_issuers).where(trusted_issuers.c.tenant_id == bindparam("tenant")).order_by(trusted_issuers.c.name)
)
_REMOVE = delete(trusted_issuers).where(
    trusted_issuers.c.tenant_id == bindparam("tenant"), trusted_issuers.c.id == bindparam("of_issuer")
)
_OF_ISSUER = (
    select(trusted_issuers, connections, tenants)
    .set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)
    .join(
        connections,
        (connections.c.tenant_id == trusted_issuers.c.tenant_id)
        & (connections.c.id == trusted_issuers.c.connection_id)
        & connections.c.removed.is_(None),
    )
    .join(tenants, tenants.c.id == trusted_issuers.c.tenant_id)
    .where(
        trusted_issuers.c.issuer == bindparam("issuer"),
        or_(trusted_issuers.c.subject.is_(None), trusted_issuers.c.subject == bindparam("subject")),
    )
    .order_by(trusted_issuers.c.tenant_id, trusted_issuers.c.id)
)

Trust = tuple[Tenant, ScimConnection, TrustedIssuer]


@dataclass(frozen=True, slots=True)
class TrustedIssuers:
    """Those of one tenant."""

    scope: Scope

    def all(self) -> list[TrustedIssuer]:
        return [rows.trusted_issuer_of(row) for row in self.scope.rows(_ALL)]

    def add(self, issuer: TrustedIssuer) -> None:
        row = rows.columns_of(issuer, claims=dict(issuer.claims), scopes=sorted(issuer.scopes))
        try:
            self.scope.insert(trusted_issuers, row)
        except IntegrityError as error:
            raise taken(
                error,
                "name",
                f"This tenant trusts an issuer under the name '{issuer.name}' already. Give this one another name.",
            ) from error

    def remove(self, issuer_id: str) -> None:
        self.scope.run(_REMOVE, of_issuer=issuer_id)


def trusting(connection: Connection, issuer: str, subject: str | None) -> list[Trust]:
    """Who trusts that issuer about that subject, over all tenants, with the connection that its tokens stand for.

    Many tenants may trust one issuer, each about subjects of its own: a stranger's token does not load them all.
    """
    return [
        (
            rows.tenant_of(rows.part(row, "tenants_")),
            rows.connection_of(rows.part(row, "connections_")),
            rows.trusted_issuer_of(rows.part(row, "trusted_issuers_")),
        )
        for row in connection.execute(_OF_ISSUER, {"issuer": issuer, "subject": subject}).mappings()
    ]
