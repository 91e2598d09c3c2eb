"""Consent: an admin of a tenant lets a client in, or does not, at the authorization endpoint (RFC 6749 section 4.1)."""

import hmac
from dataclasses import dataclass, replace

from scim_server.domain.errors import Forbidden, Invalid
from scim_server.domain.events import Cause, Change
from scim_server.domain.instants import later
from scim_server.domain.oauth_clients import OAuthClient
from scim_server.domain.oauth_grants import APPROVAL_LIFE, CODE_LIFE, ApprovalCode, OAuthGrant
from scim_server.domain.tenants import Connection, Tenant
from scim_server.services.actors import CLIENT, OPERATOR, TOKEN
from scim_server.services.credentials import Credential, Prefix, digest, new_text, opens, read_credential
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.redeeming import facts_of
from scim_server.services.registering import check_within_reach, live_client
from scim_server.services.subscribing import Seating, subscriptions

PERMISSION = "connections.write"
"""What a token of the admin API must permit for its bearer to consent."""
NOBODYS = Credential(Prefix.API, "", "", digest(""))
"""What is looked up for a text that is no credential at all."""


class Disproved(Forbidden):
    """What was given proves nobody who may consent here: unknown, expired, used, revoked, or another tenant's."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a client of the tenant asks for, as it was found to be right."""

    tenant: Tenant
    client: OAuthClient
    scopes: frozenset[str]
    resource: str
    redirect_uri: str
    challenge: str | None


@dataclass(frozen=True, slots=True)
class Sighting:
    """What whoever decides is told: which connection the client acts as, if any, and the seats there are, by the names
    of the products."""

    connection: Connection | None
    seats: list[Seating]


@dataclass(frozen=True, slots=True)
class Approver:
    """Who proved that they may decide, as the trail names them, and how far they may go; None is without limit.

    `code_id` is the approval code that they did it with, if they did with one.
    """

    actor: str
    permits: frozenset[str] | None
    code_id: str | None = None


def look(units: Units, wish: Wish) -> Sighting:
    """What is to be known before one decides; changes nothing."""
    with units.read(wish.tenant) as uow:
        acting = next((each for each in uow.connections.all() if each.id == wish.client.connection_id), None)
        catalogue = uow.products.catalogue()
    seats = [] if acting is None else subscriptions(units, wish.tenant)
    return Sighting(acting, [replace(each, product=catalogue.products[each.product].name) for each in seats])


def prove(units: Units, wish: Wish, text: str) -> Approver:
    """Who stands behind a token of the admin API or an approval code. Raises Disproved, Forbidden for what is beyond.

    Whatever is given is looked up once and compared in constant time.
    """
    credential = read_credential(text.strip()) or NOBODYS
    by_code = credential.prefix is Prefix.APPROVAL
    found = _by_code(units, wish, credential) if by_code else _by_token(units, wish, credential)
    if found is None:
        raise Disproved(
            "This is neither a live token of this tenant's admin API nor a live approval code for this client."
        )
    if found.permits is not None and PERMISSION not in found.permits:
        raise Forbidden(f"This needs a token with the scope '{PERMISSION}'.")
    return found


def consent(units: Units, approver: Approver, request_id: str, wish: Wish) -> str:
    """Let the client in; answers the authorization code that it is sent.

    Raises Forbidden where it may do more than the approver, Disproved where their code was used meanwhile.
    """
    with units.write(wish.tenant, _cause(approver, request_id)) as uow:
        client = live_client(uow, wish.client.id)
        check_within_reach(uow, client)
        _use_up(uow, approver)
        grant_id, text = new_text(Prefix.CODE, wish.tenant.id)
        grant = OAuthGrant(
            wish.tenant.id,
            grant_id,
            client.id,
            digest(text),
            wish.redirect_uri,
            wish.challenge,
            wish.scopes,
            wish.resource,
            approver.actor,
            uow.now,
            later(uow.now, CODE_LIFE),
        )
        uow.oauth_grants.add(grant)
        uow.record(Change("oauth_grant", grant.id, "oauth_grant.consented", None, facts_of(grant, client)))
        uow.commit()
        return text


def refuse(units: Units, approver: Approver, request_id: str, wish: Wish) -> None:
    """Keep the client out, and remember that. Raises Disproved where the approval code was used meanwhile."""
    with units.write(wish.tenant, _cause(approver, request_id)) as uow:
        _use_up(uow, approver)
        facts = {
            "clientId": wish.client.id,
            "client": wish.client.name,
            "scopes": sorted(wish.scopes),
            "resource": wish.resource,
            "approver": approver.actor,
        }
        uow.record(Change("oauth_grant", uow.new_id(), "oauth_grant.refused", None, facts))
        uow.commit()


@dataclass(frozen=True, slots=True)
class IssuedApproval:
    """An approval code with its text, which is shown this once."""

    code: ApprovalCode
    text: str


def issue_approval(units: Units, tenant: Tenant, cause: Cause, called: str) -> IssuedApproval:
    """A code with which somebody may consent once to what a client, by its id or name, asks for.

    Raises Missing, Taken where the client is revoked, Invalid where it asks nobody, Forbidden where it may do more than
    whoever issues the code.
    """
    with units.write(tenant, cause) as uow:
        client = live_client(uow, called)
        if not client.redirect_uris:
            raise Invalid(
                f"Client '{client.name}' has no redirect address, so it gets its tokens without anybody's consent. "
                "`scim-server oauth client edit --redirect-uri` gives it one, where an admin is to consent."
            )
        check_within_reach(uow, client)
        code_id, text = new_text(Prefix.APPROVAL, tenant.id)
        ends = later(uow.now, APPROVAL_LIFE)
        code = ApprovalCode(tenant.id, code_id, client.id, digest(text), cause.actor, cause.permits, uow.now, ends)
        uow.approval_codes.add(code)
        facts = {"clientId": client.id, "client": client.name, "expires": ends}
        uow.record(Change("approval_code", code.id, "approval_code.issued", None, facts))
        uow.commit()
        return IssuedApproval(code, text)


def _by_token(units: Units, wish: Wish, credential: Credential) -> Approver | None:
    with units.bearers(wish.tenant.id) as bearers:
        found, now = bearers.program(credential.token_id, credential.digest), bearers.now
    if found is None or credential.prefix is not Prefix.API:
        hmac.compare_digest(NOBODYS.digest, credential.digest)
        return None
    token = found[1]
    return Approver(f"{TOKEN}{token.id}", token.scopes) if opens(token, credential, now) else None


def _by_code(units: Units, wish: Wish, credential: Credential) -> Approver | None:
    with units.read(wish.tenant) as uow:
        code, now = uow.approval_codes.shown(credential.token_id, credential.digest), uow.now
    same = hmac.compare_digest(NOBODYS.digest if code is None else code.digest, credential.digest)
    if code is None or not same or code.client_id != wish.client.id or not code.is_live(now):
        return None
    return Approver(code.approver, code.permits, code.id) if _comes_in(units, wish.tenant, code.approver) else None


def _comes_in(units: Units, tenant: Tenant, approver: str) -> bool:
    """Whether whoever issued a code still could: it dies with the token, or with the client, that it was issued by."""
    kind, _, approver_id = approver.rpartition(":")
    if f"{kind}:" == OPERATOR:
        with units.overview() as operator:
            token = operator.api_token(approver_id)
            return token is not None and token.is_live(operator.now)
    with units.read(tenant) as uow:
        if f"{kind}:" == TOKEN:
            return any(each.id == approver_id and each.is_live(uow.now) for each in uow.api_tokens.all())
        if f"{kind}:" == CLIENT:
            client = uow.oauth_clients.get(approver_id)
            return client is not None and client.revoked is None
        return True


def _use_up(uow: UnitOfWork, approver: Approver) -> None:
    if approver.code_id is not None and not uow.approval_codes.use(approver.code_id, uow.now):
        raise Disproved("This approval code was used a moment ago.")


def _cause(approver: Approver, request_id: str) -> Cause:
    return Cause(approver.actor, request_id, "consent page", permits=approver.permits)
