"""Tokens of single persons, who see and change their own resource with them (RFC 7644 section 3.11)."""

from datetime import timedelta

from scim_server.domain.errors import Invalid
from scim_server.domain.events import Cause, Change
from scim_server.domain.facts import of_token
from scim_server.domain.instants import later
from scim_server.domain.tenants import PersonToken, Tenant
from scim_server.services.credentials import Prefix, check_life, digest, new_text
from scim_server.services.naming import no_user
from scim_server.services.ports import Units


def issue_token(units: Units, tenant: Tenant, cause: Cause, user_name: str, life: timedelta) -> tuple[PersonToken, str]:
    """A new token for a person: what is stored, and the text that is shown this once.

    Raises Missing where there is no such person, Invalid for one who is suspended.
    """
    check_life(life)
    with units.write(tenant, cause) as uow:
        named = uow.users.called(user_name)
        user = None if named is None else uow.users.get(named.id)
        if user is None:
            raise no_user(tenant, user_name)
        if not user.may_hold:
            raise Invalid(f"'{user.user_name}' is suspended, so a token would open nothing. Reactivate them first.")
        token_id, text = new_text(Prefix.PERSON, tenant.id)
        token = PersonToken(tenant.id, token_id, user.id, digest(text), uow.now, later(uow.now, life))
        uow.person_tokens.add(token)
        uow.record(Change("token", token.id, "token.issued", None, of_token(token)))
        uow.commit()
        return token, text
