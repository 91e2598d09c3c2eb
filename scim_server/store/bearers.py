"""Who stands behind a credential that is shown: one statement each, behind the wall of the tenant that it names."""

from dataclasses import dataclass

from sqlalchemy import Connection as Session

from scim_server.domain.instants import Instant
from scim_server.domain.invitations import Invitation
from scim_server.domain.oauth_clients import SigningKey
from scim_server.domain.tenants import ApiToken, Connection, Tenant, Token
from scim_server.domain.visits import Visit
from scim_server.services.ports import AccessBearer, KnownClient, ProvenClient, RefreshBearer
from scim_server.store import access_tokens, api_tokens, connections, invitations, oauth_clients, oauth_grants, visits
from scim_server.store.databases import Database
from scim_server.store.person_tokens import PersonBearer, person_bearer
from scim_server.store.signing_keys import SigningKeys
from scim_server.store.vaults import Vault
from scim_server.store.walls import OPERATOR


@dataclass(frozen=True, slots=True)
class KeysOfHome:
    """The installation's keys, looked up from another cell."""

    home: Database

    def all(self) -> list[SigningKey]:
        with self.home.read(OPERATOR) as connection:
            return SigningKeys(connection, self.home.vault).all()


@dataclass(frozen=True, slots=True)
class Bearers:
    """Look-ups in one tenant."""

    session: Session
    tenant_id: str
    now: Instant
    vault: Vault
    home: Database | None = None
    """Where the installation's keys are, if not here."""

    @property
    def signing_keys(self) -> SigningKeys | KeysOfHome:
        return SigningKeys(self.session, self.vault) if self.home is None else KeysOfHome(self.home)

    def connection(self, token_id: str, digest: str) -> tuple[Tenant, Connection, Token] | None:
        return connections.bearer(self.session, self.tenant_id, token_id, digest)

    def person(self, token_id: str, digest: str) -> PersonBearer | None:
        return person_bearer(self.session, self.tenant_id, token_id, digest)

    def program(self, token_id: str, digest: str) -> tuple[Tenant, ApiToken] | None:
        return api_tokens.api_bearer(self.session, self.tenant_id, token_id, digest)

    def operator(self, token_id: str, digest: str) -> ApiToken | None:
        return api_tokens.operators_bearer(self.session, token_id, digest)

    def client(self, client_id: str) -> KnownClient | None:
        return oauth_clients.known_client(self.session, self.tenant_id, client_id)

    def client_by_secret(self, client_id: str, digest: str) -> ProvenClient | None:
        return oauth_clients.client_by_secret(self.session, self.tenant_id, client_id, digest)

    def access_token(self, token_id: str) -> AccessBearer | None:
        return access_tokens.access_bearer(self.session, self.tenant_id, token_id)

    def refresh_token(self, token_id: str, digest: str) -> RefreshBearer | None:
        return oauth_grants.refresh_bearer(self.session, self.tenant_id, token_id, digest)

    def visit(self, visit_id: str, digest: str) -> visits.Found | None:
        return visits.find(self.session, self.tenant_id, visit_id, digest)

    def operator_visit(self, visit_id: str, digest: str) -> Visit | None:
        return visits.find_operators(self.session, visit_id, digest)

    def invitation(self, digest: str) -> tuple[Tenant, Invitation] | None:
        return invitations.find_invitation(self.session, self.tenant_id, digest)
