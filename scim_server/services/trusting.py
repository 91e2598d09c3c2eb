"""The foreign issuers that a tenant's connections trust: whose tokens stand for them, without any secret kept here."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from scim_server.domain.errors import Invalid, Missing
from scim_server.domain.events import Cause, Change
from scim_server.domain.facts import of_issuer
from scim_server.domain.oauth_clients import ClientMethod, OAuthClient, TrustedIssuer
from scim_server.domain.tenants import SCIM_SCOPES, Connection, Tenant
from scim_server.services.issues import ISSUER_UNREACHABLE, issue
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.registering import check_within_reach, live_client
from scim_server.services.retrying import retried
from scim_server.services.tenancy import check_power, connection_called

LONGEST_TEXT = 512
MOST_CLAIMS = 20
ENTRA_AUDIENCE = "8adf8e6e-67b2-4cf2-a259-e3dc5476c621"
"""What Entra's provisioning service writes its own tokens for, in every tenant."""
ENTRA_APPLICATION = "00000014-0000-0000-c000-000000000000"
"""The provisioning service itself."""

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NOTING = Cause("system", "", "keys of a trusted issuer")


@dataclass(frozen=True, slots=True)
class Terms:
    """Which tokens are trusted: `TrustedIssuer` says what each term means. Without scopes they are good for all."""

    issuer: str
    audience: str
    subject: str | None = None
    claims: Mapping[str, str] = field(default_factory=dict)
    jwks_uri: str | None = None
    scopes: frozenset[str] = SCIM_SCOPES


@dataclass(frozen=True, slots=True)
class Trust:
    """A trusted issuer with the name of the connection that its tokens stand for."""

    issuer: TrustedIssuer
    connection: str


def entra_terms(directory_id: str) -> Terms:
    """What Entra's provisioning service sends where its secret token is left empty. Raises Invalid."""
    directory = _guid(directory_id)
    claims = {"appid": ENTRA_APPLICATION, "tid": directory}
    return Terms(f"https://sts.windows.net/{directory}/", ENTRA_AUDIENCE, claims=claims)


def entra_federation_terms(directory_id: str, application_id: str, subject: str) -> Terms:
    """What Entra sends a token endpoint as a client's assertion (workload identity federation). Raises Invalid."""
    issuer = f"https://login.microsoftonline.com/{_guid(directory_id)}/v2.0"
    return Terms(issuer, f"api://{_guid(application_id)}", subject)


def trust_issuer(
    units: Units, tenant: Tenant, cause: Cause, connection_name: str, name: str, terms: Terms, client: str | None = None
) -> Trust:
    """Take tokens of an issuer for a connection; with `client`, as that client's assertion at the token endpoint.

    The client is named by id or name. Raises Missing, Invalid, Taken where the name is in use or the client is
    revoked, Forbidden where the connection or the client may do more than whoever trusts the issuer.
    """
    _check(name, terms)
    with units.write(tenant, cause) as uow:
        connection = connection_called(uow, connection_name)
        check_power(uow, connection)
        federated = None if client is None else _federated(uow, connection, client)
        issuer = TrustedIssuer(
            tenant_id=tenant.id,
            id=uow.new_id(),
            connection_id=connection.id,
            client_id=None if federated is None else federated.id,
            name=name,
            issuer=terms.issuer,
            audience=terms.audience,
            subject=terms.subject,
            created=uow.now,
            claims=terms.claims,
            jwks_uri=terms.jwks_uri,
            scopes=terms.scopes,
        )
        uow.trusted_issuers.add(issuer)
        uow.record(Change("issuer", issuer.id, "issuer.trusted", None, of_issuer(issuer)))
        uow.commit()
        return Trust(issuer, connection.name)


def distrust_issuer(units: Units, tenant: Tenant, cause: Cause, called: str) -> TrustedIssuer:
    """Take no token of it any more, from the next request on. Raises Missing."""
    with units.write(tenant, cause) as uow:
        issuer = _issuer_called(uow, called)
        end_trust(uow, issuer)
        uow.commit()
        return issuer


def end_trust(uow: UnitOfWork, issuer: TrustedIssuer) -> None:
    """The same in the caller's transaction."""
    uow.trusted_issuers.remove(issuer.id)
    uow.issues.close(ISSUER_UNREACHABLE, subjects=[issuer.name])
    uow.record(Change("issuer", issuer.id, "issuer.distrusted", of_issuer(issuer), None))


def issuers(units: Units, tenant: Tenant, connection_name: str | None = None) -> list[Trust]:
    """The trusted issuers of a tenant, or of one of its connections, by name. Raises Missing."""
    with units.read(tenant) as uow:
        names = {each.id: each.name for each in uow.connections.ever()}
        only = None if connection_name is None else connection_called(uow, connection_name).id
        found = uow.trusted_issuers.all()
    return [Trust(each, names[each.connection_id]) for each in found if only in {None, each.connection_id}]


def issuer(units: Units, tenant: Tenant, called: str) -> Trust:
    """The trusted issuer of that name, or else of that id. Raises Missing."""
    with units.read(tenant) as uow:
        found = _issuer_called(uow, called)
        names = {each.id: each.name for each in uow.connections.ever()}
    return Trust(found, names[found.connection_id])


@retried
def note_reach(units: Units, tenant: Tenant, connection: Connection, issuer: TrustedIssuer, *, reached: bool) -> None:
    """Have the tenant's admin know that the keys of an issuer cannot be fetched, or that they can again."""
    with units.read(tenant) as uow:
        opened = [
            each for each in uow.issues.find(closed=False, code=ISSUER_UNREACHABLE) if each.subject == issuer.name
        ]
    if reached != bool(opened):
        return
    with units.write(tenant, NOTING) as uow:
        if reached:
            uow.issues.close_these(opened)
        else:
            uow.issues.open(issue(uow, ISSUER_UNREACHABLE, subject=issuer.name, connection_id=connection.id))
        uow.commit()


def _federated(uow: UnitOfWork, connection: Connection, called: str) -> OAuthClient:
    """The client that proves itself by tokens of an issuer, and acts as the connection. Raises as `trust_issuer`."""
    client = live_client(uow, called)
    if client.method is not ClientMethod.FEDERATION or client.connection_id != connection.id:
        raise Invalid(
            f"Client '{client.name}' must be one of connection '{connection.name}' and prove itself by federation."
        )
    check_within_reach(uow, client)
    return client


def _issuer_called(uow: UnitOfWork, text: str) -> TrustedIssuer:
    known = uow.trusted_issuers.all()
    found = next((each for key in ("name", "id") for each in known if getattr(each, key) == text), None)
    if found is None:
        raise Missing(f"Tenant '{uow.tenant.slug}' trusts no issuer '{text}'.")
    return found


def _check(name: str, terms: Terms) -> None:
    _check_address("issuer", terms.issuer)
    if terms.jwks_uri is not None:
        _check_address("jwks-uri", terms.jwks_uri)
    if not name.strip() or "/" in name:
        raise Invalid("An issuer's name must not be empty and must not contain '/'.")
    if terms.subject is None and not terms.claims:
        raise Invalid(
            "Say whose tokens of the issuer are taken: a subject, or a claim that only those have. Whoever gets a "
            "token for this audience would be let in otherwise."
        )
    texts = [name, terms.issuer, terms.audience, terms.subject or "-", *terms.claims, *terms.claims.values()]
    if len(terms.claims) > MOST_CLAIMS or not all(0 < len(text) <= LONGEST_TEXT for text in texts):
        raise Invalid(
            f"A claim, its value and every other text has 1 to {LONGEST_TEXT} characters; {MOST_CLAIMS} claims."
        )
    if not terms.scopes or not terms.scopes <= SCIM_SCOPES:
        raise Invalid(f"Tokens of an issuer are good for one of {', '.join(sorted(SCIM_SCOPES))}, or for all.")


def _check_address(option: str, address: str) -> None:
    """Plain http is for private networks that the operator allows; whether one is does not show here."""
    try:
        parts = urlsplit(address)
        host = parts.hostname and parts.port != 0
        good = parts.scheme in {"https", "http"} and host and not (parts.query or parts.fragment)
    except ValueError:
        good = False
    if not good or "@" in parts.netloc or not address.isascii() or not address.isprintable() or " " in address:
        raise Invalid(f"'{address}' is no address for {option}: write https://HOST[/PATH], just as its tokens have it.")


def _guid(text: str) -> str:
    folded = text.strip().lower()
    if not _GUID.fullmatch(folded):
        raise Invalid(f"'{text}' is no id of Entra's: copy the 36 characters from the portal, hyphens included.")
    return folded
