"""Who it is whom an identity provider has signed in. It adds nobody, and gives nobody a role."""

from collections.abc import Collection, Mapping
from typing import Any

from scim_server.domain.directory import User
from scim_server.domain.sign_in_providers import PersonClaim, SignInProvider
from scim_server.domain.tenants import Tenant
from scim_server.services import visiting
from scim_server.services.ports import UnitOfWork, Units


def recognise(units: Units, tenant: Tenant, provider: SignInProvider, claims: Mapping[str, Any]) -> str | None:
    """The secret of a new visit; None for whoever is unknown, suspended or without a role that opens the console."""
    called = provider.person_in(claims)
    if called is None:
        return None
    with units.read(tenant) as uow:
        person = _person(uow, provider.claim, called)
        if person is None or not visiting.may_visit(uow, person):
            return None
    return visiting.open_visit(units, tenant.id, person.id)


def recognise_operator(
    units: Units, provider: SignInProvider, claims: Mapping[str, Any], operators: Collection[str]
) -> str | None:
    """The same for the operators, who are known by their verified addresses alone."""
    address = provider.person_in(claims)
    known = {each.casefold() for each in operators}
    return visiting.open_visit(units, None, None) if address is not None and address.casefold() in known else None


def _person(uow: UnitOfWork, claim: PersonClaim, called: str) -> User | None:
    if claim is PersonClaim.USER_NAME:
        return uow.users.named(called)
    if claim is PersonClaim.EMAIL:
        owner = uow.addresses.owner(called)
        return None if owner is None else next(iter(uow.users.some([owner])), None)
    return uow.users.with_external_id(called)
