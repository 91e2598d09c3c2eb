"""Whom somebody looks after whose roles are limited to the people of some groups."""

from collections.abc import Collection, Sequence

from scim_server.domain.tenants import Tenant
from scim_server.services import naming
from scim_server.services.ports import Units
from scim_server.services.sought_people import SoughtPeople


def check(units: Units, tenant: Tenant, care: Sequence[str], people: Collection[str]) -> None:
    """Raises Missing, as for somebody who is not there, where one of those people (user names, ids or addresses) is in
    none of the groups of those ids, nor in one nested in them."""
    if not people:
        return
    with units.read(tenant) as uow:
        known = uow.users.identified(people)
        ids = {text: known.get(text) or uow.addresses.owner(text) or "" for text in people}
        sought = SoughtPeople(ids=tuple(sorted(set(ids.values()))), within=tuple(care))
        found = {user.id for user in uow.users.page(sought, "", len(ids))}
        for text, user_id in ids.items():
            if user_id not in found:
                raise naming.no_user(tenant, text)
