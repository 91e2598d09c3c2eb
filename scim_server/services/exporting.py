"""People written as a list that can be imported again: the same columns, a batch at a time in bounded memory."""

from collections.abc import Collection, Iterator

from scim_server.domain.directory import User
from scim_server.domain.imports import COLUMNS, joined
from scim_server.domain.seats import RULE
from scim_server.domain.tenants import Tenant
from scim_server.services.csv_rows import csv_lines
from scim_server.services.ports import UnitOfWork, Units

BATCH = 500
"""People read at once."""


def people_lines(units: Units, tenant: Tenant) -> Iterator[bytes]:
    """Everybody in the tenant as CSV, oldest first, a line at a time.

    Products and roles are those that no rule gives: these follow from groups and attributes. A role that is limited to
    groups is left out, as the list could only give it for everybody.
    """
    return csv_lines(list(COLUMNS), _rows(units, tenant))


def template_lines() -> Iterator[bytes]:
    """A header and one row as an example."""
    return csv_lines(list(COLUMNS), [list(COLUMNS.values())])


def _rows(units: Units, tenant: Tenant) -> Iterator[list[str]]:
    last = ""
    while True:
        with units.browse(tenant) as uow:
            ids = uow.users.ids_after(last, BATCH)
            rows = _described(uow, sorted(uow.users.some(ids), key=lambda user: user.id))
        yield from rows
        if len(ids) < BATCH:
            return
        last = ids[-1]


def _described(uow: UnitOfWork, users: Collection[User]) -> list[list[str]]:
    """One row of each, in the order of the columns."""
    ids = [user.id for user in users]
    owners = uow.addresses.owners_of({user.address for user in users if user.address is not None})
    products: dict[str, set[str]] = {user_id: set() for user_id in ids}
    roles: dict[str, set[str]] = {user_id: set() for user_id in ids}
    for claim in uow.ledger.claims(ids):
        if not claim.source.startswith(RULE):
            products[claim.user_id].add(claim.product)
    for grant in uow.grants.of(ids):
        if not grant.is_by_rule and not grant.scope:
            roles[grant.user_id].add(grant.role)
    groups = uow.members.groups_of_some(ids)
    names = uow.groups.names({group_id for found in groups.values() for group_id in found})
    described = []
    for user in users:
        name = user.profile.get("name", {})
        owns = user.address is not None and owners.get(user.address) == user.id
        described.append(
            [
                str(user.address) if owns else user.user_name,
                str(name.get("givenName", "")),
                str(name.get("familyName", "")),
                joined(sorted(products[user.id])),
                joined(sorted(roles[user.id])),
                joined(sorted(names[group_id] for group_id in groups.get(user.id, ()) if group_id in names)),
                str(user.profile.get("preferredLanguage", "")),
            ]
        )
    return described
