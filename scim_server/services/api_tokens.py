"""Tokens of the admin API, for one tenant or for the operator."""

from collections.abc import Collection
from datetime import timedelta

from scim_server.domain.access import OPERATOR_SCOPES, PERMISSIONS
from scim_server.domain.errors import Forbidden, Invalid
from scim_server.domain.events import Cause, Change
from scim_server.domain.facts import of_token
from scim_server.domain.instants import later
from scim_server.domain.tenants import ApiToken, Tenant
from scim_server.services.credentials import Prefix, check_life, digest, new_tenant_id, new_text
from scim_server.services.expiring import settle_expiries
from scim_server.services.ports import Units

LONGEST_NAME = 128
OF_TENANT = frozenset(PERMISSIONS)
OF_OPERATOR = OF_TENANT | OPERATOR_SCOPES.keys()


def issue_token(
    units: Units,
    tenant: Tenant,
    cause: Cause,
    name: str,
    scopes: Collection[str],
    life: timedelta,
) -> tuple[ApiToken, str]:
    """A new token of the admin API for a tenant: what is stored, and the text that is shown this once.

    Raises Invalid for unknown scopes or none, Forbidden for those beyond what whoever issues it may do.
    """
    wanted = _checked(name, scopes, OF_TENANT, OF_TENANT if cause.permits is None else cause.permits)
    check_life(life)
    with units.write(tenant, cause) as uow:
        token_id, text = new_text(Prefix.API, tenant.id)
        token = ApiToken(tenant.id, token_id, name, wanted, digest(text), uow.now, later(uow.now, life))
        uow.api_tokens.add(token)
        uow.record(Change("token", token.id, "token.issued", None, of_token(token)))
        settle_expiries(uow)
        uow.commit()
        return token, text


def issue_operators_token(
    units: Units, name: str, scopes: Collection[str], life: timedelta, *, within: Collection[str] = OF_OPERATOR
) -> tuple[ApiToken, str]:
    """The same for the operator, who stands above the tenants. `within` is what whoever issues it may do."""
    wanted = _checked(name, scopes, OF_OPERATOR, within)
    check_life(life)
    with units.operator() as operator:
        token_id, text = new_text(Prefix.OPERATOR, new_tenant_id())
        token = ApiToken(None, token_id, name, wanted, digest(text), operator.now, later(operator.now, life))
        operator.add_api_token(token)
        operator.commit()
        return token, text


def _checked(name: str, scopes: Collection[str], known: Collection[str], within: Collection[str]) -> frozenset[str]:
    if not name.strip() or not name.isprintable() or len(name) > LONGEST_NAME:
        raise Invalid(f"A token needs a name of 1 to {LONGEST_NAME} printable characters.")
    unknown = sorted(set(scopes) - set(known))
    if unknown or not scopes:
        problem = f"'{unknown[0]}' is no scope" if unknown else "A token needs at least one scope"
        raise Invalid(f"{problem}. Scopes: {', '.join(sorted(known))}.")
    beyond = sorted(set(scopes) - set(within))
    if beyond:
        raise Forbidden(f"The scope '{beyond[0]}' is beyond your own: a token can permit no more than who issues it.")
    return frozenset(scopes)
