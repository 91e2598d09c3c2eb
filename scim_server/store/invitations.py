"""Invitations."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import LABEL_STYLE_TABLENAME_PLUS_COL, Connection, bindparam, select, update

from scim_server.domain.instants import Instant
from scim_server.domain.invitations import Invitation, InvitationState, Offer
from scim_server.domain.tenants import Tenant
from scim_server.protocol.normalising import address_key
from scim_server.store import rows
from scim_server.store.rows import Row
from scim_server.store.scopes import Scope
from scim_server.store.tables import invitations, tenants

_OF_TENANT = invitations.c.tenant_id == bindparam("tenant")
_OPEN = invitations.c.state == InvitationState.OPEN.value
_DUE = invitations.c.expires <= bindparam("now")
_ALL = select(invitations).where(_OF_TENANT).order_by(invitations.c.created, invitations.c.id)
_ONE = _ALL.where(invitations.c.id == bindparam("invitation"))
_OPEN_FOR = _ALL.where(_OPEN, invitations.c.address_key == bindparam("key"))
_OVERDUE = _ALL.where(_OPEN, _DUE)
_SAVE = (
    update(invitations)
    .where(_OF_TENANT, invitations.c.id == bindparam("invitation"))
    .values({name: bindparam(name) for name in ("digest", "state", "expires", "answered", "offer", "user_id")})
)
_BY_DIGEST = (
    select(invitations, tenants)
    .set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)
    .join(tenants, tenants.c.id == invitations.c.tenant_id)
    .where(_OF_TENANT, invitations.c.digest == bindparam("digest"))
)
_TENANTS_DUE = select(tenants).where(
    tenants.c.id.in_(select(invitations.c.tenant_id).where(_OPEN, _DUE).scalar_subquery())
)


@dataclass(frozen=True, slots=True)
class Invitations:
    """The invitations of one tenant."""

    scope: Scope
    now: Instant

    def all(self) -> list[Invitation]:
        return [_invitation_of(row) for row in self.scope.rows(_ALL)]

    def get(self, invitation_id: str) -> Invitation | None:
        return _found(self.scope.row(_ONE, invitation=invitation_id))

    def open_for(self, address: str) -> Invitation | None:
        return _found(self.scope.row(_OPEN_FOR, key=address_key(address)))

    def due(self) -> list[Invitation]:
        return [_invitation_of(row) for row in self.scope.rows(_OVERDUE, now=self.now)]

    def add(self, invitation: Invitation) -> None:
        fixed = {
            "id": invitation.id,
            "address": invitation.address,
            "address_key": address_key(invitation.address),
            "created": invitation.created,
        }
        self.scope.insert(invitations, fixed | _changing(invitation))

    def save(self, invitation: Invitation) -> None:
        self.scope.run(_SAVE, invitation=invitation.id, **_changing(invitation))


def find_invitation(connection: Connection, tenant_id: str, digest: str) -> tuple[Tenant, Invitation] | None:
    """The invitation whose link has that digest, with the tenant that invites."""
    row = connection.execute(_BY_DIGEST, {"tenant": tenant_id, "digest": digest}).mappings().first()
    if row is None:
        return None
    return rows.tenant_of(rows.part(row, "tenants_")), _invitation_of(rows.part(row, "invitations_"))


def tenants_with_due(connection: Connection, now: Instant) -> list[Tenant]:
    """The tenants with open invitations whose time is up."""
    return [rows.tenant_of(row) for row in connection.execute(_TENANTS_DUE, {"now": now}).mappings()]


def _found(row: Row | None) -> Invitation | None:
    return None if row is None else _invitation_of(row)


def _changing(invitation: Invitation) -> dict[str, Any]:
    offer = invitation.offer
    return {
        "digest": invitation.digest,
        "state": invitation.state.value,
        "expires": invitation.expires,
        "answered": invitation.answered,
        "user_id": invitation.user_id,
        "offer": {"products": list(offer.products), "role": offer.role, "first": offer.first, "last": offer.last},
    }


def _invitation_of(row: rows.Row) -> Invitation:
    return rows.record_of(Invitation, row, state=InvitationState(row["state"]), offer=_offer_of(row["offer"]))


def _offer_of(stored: Mapping[str, Any]) -> Offer:
    return Offer(tuple(stored["products"]), stored["role"], stored["first"], stored["last"])
