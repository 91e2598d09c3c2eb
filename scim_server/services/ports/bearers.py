"""Who stands behind a credential that is shown."""

from typing import Protocol

from scim_server.domain.access import Grant, Roles
from scim_server.domain.directory import User
from scim_server.domain.instants import Instant
from scim_server.domain.invitations import Invitation
from scim_server.domain.tenants import ApiToken, Connection, PersonToken, Tenant, Token
from scim_server.domain.visits import Visit
from scim_server.services.ports.authorizations import AccessBearer, KnownClient, ProvenClient, PublicKeys
from scim_server.services.ports.consents import RefreshBearer


class Bearers(Protocol):
    """Look-ups in the one tenant that the credential is of if it is true, which nobody knows yet; no other is reached.

    Whether what is found is live is not checked. Of credentials with a secret nothing is found by the id alone: a wrong
    secret takes the time of an unknown id.
    """

    @property
    def now(self) -> Instant: ...

    @property
    def signing_keys(self) -> PublicKeys:
        """Those of the installation, which are no tenant's."""
        ...

    def connection(self, token_id: str, digest: str) -> tuple[Tenant, Connection, Token] | None:
        """Behind the token of a connection."""
        ...

    def person(self, token_id: str, digest: str) -> tuple[Tenant, User, PersonToken] | None:
        """Behind a person's token."""
        ...

    def program(self, token_id: str, digest: str) -> tuple[Tenant, ApiToken] | None:
        """Behind a token of the admin API."""
        ...

    def operator(self, token_id: str, digest: str) -> ApiToken | None:
        """The operator's token, which begins with the id of no tenant."""
        ...

    def client(self, client_id: str) -> KnownClient | None:
        """The client of that id."""
        ...

    def client_by_secret(self, client_id: str, digest: str) -> ProvenClient | None:
        """The client of that id with its secret of that digest."""
        ...

    def access_token(self, token_id: str) -> AccessBearer | None:
        """Behind the access token of that id, which its signature vouches for."""
        ...

    def refresh_token(self, token_id: str, digest: str) -> RefreshBearer | None:
        """Behind a refresh token, unless its client is revoked."""
        ...

    def visit(self, visit_id: str, digest: str) -> tuple[Tenant, User, Visit, list[Grant], Roles] | None:
        """The visit of the console, begun or not, with its person, the person's grants and the tenant's roles."""
        ...

    def operator_visit(self, visit_id: str, digest: str) -> Visit | None:
        """The operator's, which begins with the id of no tenant."""
        ...

    def invitation(self, digest: str) -> tuple[Tenant, Invitation] | None:
        """The invitation whose link has that digest, with the tenant that invites."""
        ...
