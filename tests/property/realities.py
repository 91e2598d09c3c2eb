"""The server, asked over the edges people use for what the model of the ledger does on paper."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from scim_server.domain.invitations import Offer
from scim_server.domain.particulars import Edit
from scim_server.domain.seats import Policy
from scim_server.domain.tenants import Tenant
from scim_server.domain.transfers import Mode
from scim_server.services import (
    accepting,
    answering,
    authorising,
    editing,
    inviting,
    leaving,
    people,
    removing,
    ruling,
    transferring,
)
from scim_server.services.inviting import Sent
from tests.worlds import CAUSE, Connection, World

LINKS = "https://seats.example.com"


@dataclass
class Reality:
    """One tenant of the world, with two groups, one in the other, and a tenant beside it whose people are invited."""

    world: World
    tenant: Tenant
    client: Connection
    other: Connection
    groups: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.groups["sales"] = self.client.create_group("sales")["id"]
        self.groups["staff"] = self.client.create_group("staff", self.groups["sales"])["id"]

    def create(self, name: str, products: Sequence[str], *, active: bool) -> None:
        self.client.create_user(name, entitlements=[{"value": code} for code in products], active=active)

    def patch_user(self, name: str, path: str, value: Any) -> int:
        change = {"op": "replace", "path": path, "value": value}
        return self.client.patch(f"/Users/{self.id_of(name)}", change).status_code

    def delete(self, name: str) -> int:
        return self.client.delete(f"/Users/{self.id_of(name)}").status_code

    def change_members(self, group: str, op: str, *names: str) -> None:
        """Add, remove or replace people; the groups in the group stay."""
        members = [{"value": self.id_of(name)} for name in names]
        if op == "replace" and group == "staff":
            members.append({"value": self.groups["sales"]})
        change: dict[str, Any] = {"op": op, "path": "members", "value": members}
        if op == "remove":
            change = {"op": op, "path": f'members[value eq "{self.id_of(names[0])}"]'}
        assert self.client.patch(f"/Groups/{self.groups[group]}", change).status_code == 204

    def buy(self, product: str, seats: int, policy: str, overage: int) -> None:
        self.world.buy(self.tenant, product, seats, policy, overage)

    def create_rule(self, group: str, products: Collection[str], policy: str | None, *, whole: bool = False) -> str:
        parts = {"group": group, "products": products, "all_or_nothing": whole}
        return ruling.create_rule(self.units, self.tenant, CAUSE, {**parts, "policy": _policy(policy)}).id

    def edit_rule(self, rule_id: str, **parts: Any) -> None:
        if "policy" in parts:
            parts["policy"] = _policy(parts["policy"])
        ruling.edit_rule(self.units, self.tenant, CAUSE, rule_id, parts)

    def delete_rule(self, rule_id: str) -> None:
        ruling.delete_rule(self.units, self.tenant, CAUSE, rule_id)

    def reorder_rules(self, rule_ids: Sequence[str]) -> None:
        ruling.reorder_rules(self.units, self.tenant, CAUSE, rule_ids)

    def give(self, name: str, product: str) -> None:
        editing.edit_person(self.units, self.tenant, CAUSE, name, Edit(), added=[product])

    def take(self, name: str, product: str) -> None:
        editing.edit_person(self.units, self.tenant, CAUSE, name, Edit(), removed=[product])

    def suspend(self, name: str) -> None:
        editing.suspend_person(self.units, self.tenant, CAUSE, name)

    def reactivate(self, name: str) -> None:
        editing.reactivate_person(self.units, self.tenant, CAUSE, name)

    def restore(self, name: str) -> None:
        leaving.restore_person(self.units, self.tenant, CAUSE, name)

    def transfer(self, giver: str, receiver: str, product: str) -> list[str]:
        """The products that went over."""
        wish = transferring.Wish(Mode.SEAT, giver, receiver, [product])
        return [move.product for move in transferring.run(self.units, self.tenant, CAUSE, wish).products]

    def invite(self, address: str, product: str) -> Sent:
        offer = Offer((product,))
        return inviting.send(self.units, self.tenant, CAUSE, address, offer, None, public_url=LINKS, by_mail=False)

    def accept(self, link: str) -> None:
        accepting.accept(self.units, CAUSE, link)

    def decline(self, link: str) -> None:
        answering.decline(self.units, CAUSE, link)

    def grant_super_admin(self, name: str) -> None:
        authorising.grant_role(self.units, self.tenant, CAUSE, name, "super_admin", [])

    def revoke_super_admin(self, name: str) -> None:
        authorising.revoke_role(self.units, self.tenant, CAUSE, name, "super_admin")

    def approve(self) -> None:
        removing.approve(self.units, self.tenant, CAUSE)

    def keep(self) -> None:
        removing.restore(self.units, self.tenant, CAUSE)

    def release_due(self) -> None:
        removing.release_due(self.units)

    def seats(self) -> tuple[dict[str, dict[str, str]], dict[tuple[str, str], str]]:
        """Everybody's seats, product to state; and the id of each seat."""
        portraits = people.people(self.units, self.tenant)
        found = {each.user.user_name: {seat.product: seat.state.value for seat in each.seats} for each in portraits}
        ids = {(each.user.user_name, seat.product): seat.id for each in portraits for seat in each.seats}
        return found, ids

    def super_admins(self) -> set[str]:
        portraits = people.people(self.units, self.tenant)
        return {each.user.user_name for each in portraits if "super_admin" in {grant.role for grant in each.grants}}

    def id_of(self, name: str) -> str:
        return self.world.person(self.tenant, name).user.id

    @property
    def units(self) -> Any:
        return self.world.units


def _policy(name: str | None) -> Policy | None:
    return None if name is None else Policy(name)
