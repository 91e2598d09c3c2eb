"""Domains of a tenant: added, proved by whoever runs them, removed."""

from dataclasses import replace
from secrets import token_urlsafe

from scim_server.domain.domains import Domain, ascii_name, check_domain
from scim_server.domain.errors import Contention, Missing, Taken
from scim_server.domain.events import Cause, Change
from scim_server.domain.facts import of_domain
from scim_server.domain.tenants import Tenant
from scim_server.services.ports import Proofs, UnitOfWork, Units
from scim_server.services.retrying import retried

PROOF_BYTES = 24


@retried
def add_domain(units: Units, tenant: Tenant, cause: Cause, name: str) -> Domain:
    """Note a domain as the tenant's own, with a proof that is to be published. Raises Invalid, Taken."""
    with units.write(tenant, cause) as uow:
        uow.guard(exclusive=True)
        domain = Domain(check_domain(name), token_urlsafe(PROOF_BYTES), uow.now)
        if uow.domains.get(domain.name) is not None:
            raise Taken(f"Tenant '{tenant.slug}' has the domain '{domain.name}' already.")
        _keep(uow, "domain.added", None, domain)
        uow.commit()
        return domain


def domains(units: Units, tenant: Tenant) -> list[Domain]:
    """Every domain of the tenant by name."""
    with units.read(tenant) as uow:
        return uow.domains.all()


def domain(units: Units, tenant: Tenant, name: str) -> Domain:
    """The domain of that name; raises Missing."""
    with units.read(tenant) as uow:
        return _named(uow, name)


def verify_domain(units: Units, tenant: Tenant, cause: Cause, name: str, proofs: Proofs) -> Domain:
    """Look for the proof of a domain; from its first finding on the tenant takes addresses in verified domains alone.

    Once verified a domain stays so until it is removed, whatever becomes of the proof. Raises Missing, Unproven.
    """
    sought = domain(units, tenant, name)
    proofs.find(sought)
    return _note_found(units, tenant, cause, sought)


@retried
def _note_found(units: Units, tenant: Tenant, cause: Cause, sought: Domain) -> Domain:
    with units.write(tenant, cause) as uow:
        uow.guard(exclusive=True)
        before = _named(uow, sought.name)
        if before.proof != sought.proof:
            raise Contention(f"the domain {sought.name} was added anew meanwhile")
        found = replace(before, verified=before.verified or uow.now, checked=uow.now)
        _keep(uow, "domain.checked" if before.verified else "domain.verified", before, found)
        uow.commit()
        return found


@retried
def remove_domain(units: Units, tenant: Tenant, cause: Cause, name: str) -> Domain:
    """Take a domain out. Without a verified one left the tenant takes every address again. Raises Missing."""
    with units.write(tenant, cause) as uow:
        uow.guard(exclusive=True)
        removed = _named(uow, name)
        uow.domains.remove(removed.name)
        uow.record(Change("domain", removed.name, "domain.removed", of_domain(removed), None))
        uow.commit()
        return removed


def _keep(uow: UnitOfWork, action: str, before: Domain | None, after: Domain) -> None:
    uow.domains.put(after)
    then = None if before is None else of_domain(before)
    uow.record(Change("domain", after.name, action, then, of_domain(after)))


def _named(uow: UnitOfWork, name: str) -> Domain:
    found = uow.domains.get(ascii_name(name) or "")
    if found is None:
        raise Missing(
            f"Tenant '{uow.tenant.slug}' has no domain '{name}'. `scim-server domain list {uow.tenant.slug}` shows all."
        )
    return found
