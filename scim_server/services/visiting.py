"""Visits of the console: a link to sign in with, once, and what whoever followed it may do from then on.

What a visitor may do is looked up each time: a role that ends takes away what it permitted, a suspension everything.
"""

from collections.abc import Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import timedelta

from scim_server.domain.access import Grant, Roles
from scim_server.domain.directory import User
from scim_server.domain.errors import Gone, Invalid
from scim_server.domain.instants import later
from scim_server.domain.tenants import Tenant
from scim_server.domain.visits import LIFE, LINK_LIFE, Visit
from scim_server.services import naming
from scim_server.services.api_tokens import OF_OPERATOR
from scim_server.services.credentials import (
    Credential,
    Prefix,
    digest,
    new_tenant_id,
    new_text,
    new_text_of,
    read_credential,
)
from scim_server.services.ports import Operator, UnitOfWork, Units

CHORE = "forget-visits"
PREFIXES = frozenset({Prefix.VISIT, Prefix.OPERATOR_VISIT})
READING = "people.read"
"""The permission without which the console has nothing to show."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who visits, and what they may do. Without tenant and person it is the operator.

    `care` are the ids of the groups whose people the visitor is limited to; None means everybody.
    """

    visit: Visit
    permits: frozenset[str]
    tenant: Tenant | None = None
    person: User | None = None
    care: tuple[str, ...] | None = None
    is_live: bool = True

    @property
    def actor(self) -> str:
        """Who acts, as the audit trail writes it."""
        return f"operator:{self.visit.id}" if self.person is None else f"person:{self.person.id}"


def invite(units: Units, tenant: Tenant, user_name: str) -> tuple[Visit, str]:
    """A link for a person to sign in with: what is stored, and the text that is shown this once.

    Raises Missing where there is no such person, Invalid for one who is suspended or whom no role lets in.
    """
    with units.read(tenant) as uow:
        person = naming.person(uow, user_name)
        opens = _opens(uow, person)
    if not person.may_hold:
        raise Invalid(f"'{person.user_name}' is suspended, so a link would open nothing. Reactivate them first.")
    if not opens:
        raise Invalid(f"'{person.user_name}' has no role that opens the console. Grant one first, for example manager.")
    return _invited(units, Prefix.VISIT, tenant.id, person.id)


def invite_operator(units: Units) -> tuple[Visit, str]:
    """The same for the operator."""
    return _invited(units, Prefix.OPERATOR_VISIT, None, None)


def _invited(units: Units, prefix: Prefix, tenant_id: str | None, user_id: str | None) -> tuple[Visit, str]:
    with _opened(units, tenant_id) as operator:
        visit_id, text = new_text(prefix, tenant_id or new_tenant_id())
        visit = Visit(tenant_id, visit_id, user_id, digest(text), operator.now, later(operator.now, LINK_LIFE))
        operator.add_visit(visit)
        operator.commit()
        return visit, text


def may_visit(uow: UnitOfWork, person: User) -> bool:
    """Whether the console is open to that person now."""
    return person.may_hold and _opens(uow, person)


def _opens(uow: UnitOfWork, person: User) -> bool:
    """Whether any of the person's roles opens the console."""
    return READING in _reach(uow.grants.of([person.id]), uow.roles.all())[0]


def open_visit(units: Units, tenant_id: str | None, user_id: str | None) -> str:
    """Begin a visit of somebody who is known to be who they say, without person the operator's; answers its secret."""
    prefix = Prefix.OPERATOR_VISIT if tenant_id is None else Prefix.VISIT
    with _opened(units, tenant_id) as operator:
        visit_id, secret = new_text(prefix, tenant_id or new_tenant_id())
        ends = later(operator.now, LIFE)
        operator.add_visit(Visit(tenant_id, visit_id, user_id, digest(secret), operator.now, ends, operator.now))
        operator.commit()
    return secret


def begin(units: Units, link: str) -> str:
    """Follow a link; answers the secret of the visit. Raises Gone for what is no link, or none any more."""
    over = Gone(
        f"This link was followed before, or is older than {LINK_LIFE // timedelta(minutes=1)} minutes. "
        "Ask for a new one: each works once."
    )
    credential = _credential(link)
    found = None if credential is None else _find(units, credential)
    if credential is None or found is None:
        raise over
    secret = new_text_of(credential.prefix, credential.token_id)
    with _opened(units, found.visit.tenant_id) as operator:
        if not found.visit.can_begin(operator.now):
            raise over
        visit = replace(found.visit, digest=digest(secret), begun=operator.now, expires=later(operator.now, LIFE))
        if not operator.begin_visit(found.visit, visit):
            raise over
        operator.commit()
    return secret


def visitor(units: Units, secret: str) -> Visitor | None:
    """Who visits with that secret; None where the visit is over, or the person may not visit any more."""
    credential = _credential(secret)
    found = None if credential is None else _find(units, credential)
    if found is None or not found.is_live or READING not in found.permits:
        return None
    return found


def end(units: Units, visit: Visit) -> None:
    """Sign out."""
    with _opened(units, visit.tenant_id) as operator:
        operator.end_visit(visit)
        operator.commit()


def forget_visits(units: Units) -> int:
    """The chore: remove visits and links that are over; answers how many."""
    with units.operator() as operator:
        forgotten = operator.forget_visits()
        operator.commit()
        return forgotten


def _credential(text: str) -> Credential | None:
    credential = read_credential(text)
    return credential if credential is not None and credential.prefix in PREFIXES else None


def _find(units: Units, credential: Credential) -> Visitor | None:
    """Who stands behind a link or a secret, as things are now."""
    with units.bearers(credential.tenant_id) as bearers:
        if credential.prefix is Prefix.OPERATOR_VISIT:
            visit = bearers.operator_visit(credential.token_id, credential.digest)
            return None if visit is None else Visitor(visit, OF_OPERATOR, is_live=visit.is_live(bearers.now))
        found = bearers.visit(credential.token_id, credential.digest)
        if found is None or not found[1].may_hold:
            return None
        tenant, person, visit, grants, roles = found
        permits, care = _reach(grants, roles)
        return Visitor(visit, permits, tenant, person, care, is_live=visit.is_live(bearers.now))


def _reach(grants: Collection[Grant], roles: Roles) -> tuple[frozenset[str], tuple[str, ...] | None]:
    """What the grants permit, and for the people of which groups.

    What is granted for everybody goes before what is granted for some: nobody has both at once.
    """
    everywhere = [grant for grant in grants if not grant.scope]
    permits = _permitted(everywhere, roles)
    if READING in permits:
        return permits, None
    limited = [grant for grant in grants if grant.scope]
    return _permitted(limited, roles), tuple(sorted({group for grant in limited for group in grant.scope}))


def _permitted(grants: Collection[Grant], roles: Roles) -> frozenset[str]:
    known = [roles.by_code[grant.role].permissions for grant in grants if grant.role in roles.by_code]
    return frozenset().union(*known)


def _opened(units: Units, tenant_id: str | None) -> AbstractContextManager[Operator]:
    """A transaction where the visits of that tenant are, or the operator's."""
    return units.operator() if tenant_id is None else units.operator(tenant_id)
