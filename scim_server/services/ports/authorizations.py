"""What the authorization server keeps: its clients, what it issued to them, and the keys that it signs with."""

from typing import Protocol

from scim_server.domain.instants import Instant
from scim_server.domain.oauth_clients import AccessToken, ClientSecret, OAuthClient, SigningKey
from scim_server.domain.tenants import Connection, Tenant

KnownClient = tuple[Tenant, OAuthClient, Connection | None]
"""A client with its tenant, and the connection that it acts as, if any."""
ProvenClient = tuple[Tenant, OAuthClient, Connection | None, ClientSecret]
"""The same, with the secret that it showed."""
AccessBearer = tuple[Tenant, OAuthClient, Connection | None, AccessToken]
"""An access token with whom it was issued to."""


class OAuthClients(Protocol):
    """The clients of one tenant and their secrets."""

    def all(self) -> list[OAuthClient]:
        """Every client by name, revoked ones too."""
        ...

    def get(self, client_id: str) -> OAuthClient | None: ...

    def named(self, name: str) -> OAuthClient | None: ...

    def add(self, client: OAuthClient) -> None:
        """Raises Taken where the name is in use."""
        ...

    def save(self, client: OAuthClient) -> None:
        """Raises Taken where the name is in use."""
        ...

    def secrets(self, client_id: str) -> list[ClientSecret]:
        """The secrets of a client, oldest first."""
        ...

    def all_secrets(self) -> list[ClientSecret]:
        """The secrets of every client by id."""
        ...

    def add_secret(self, secret: ClientSecret) -> None: ...

    def revoke_secret(self, client_id: str, secret_id: str, now: Instant) -> bool:
        """Whether the client's secret was not revoked until now."""
        ...

    def note_use(self, secret_id: str, now: Instant) -> None:
        """Note when a secret was used last."""
        ...


class AccessTokens(Protocol):
    """The access tokens that were issued to the clients of one tenant."""

    def add(self, token: AccessToken) -> None: ...

    def live(self, now: Instant) -> list[AccessToken]:
        """Those that are neither revoked nor expired, oldest first."""
        ...

    def revoke(self, token_id: str, now: Instant) -> bool:
        """Whether the token was not revoked until now."""
        ...

    def revoke_family(self, family: str, now: Instant) -> None:
        """Revoke all that came of one authorization code."""
        ...


class UsedProofs(Protocol):
    """What may be shown once only."""

    def use(self, kind: str, digest: str, expires: Instant) -> bool:
        """Whether nobody has shown it yet; it is remembered until `expires`."""
        ...


class PublicKeys(Protocol):
    """The keys of the installation, the same for all its issuers, as everybody may see them."""

    def all(self) -> list[SigningKey]:
        """Every key that is published, the one that starts last in front."""
        ...


class SigningKeys(PublicKeys, Protocol):
    """The same with all that can be done with them."""

    def private(self, key: SigningKey) -> str:
        """The private part of a stored key in clear. Raises Unavailable where it is sealed with an unknown key."""
        ...

    def lock(self) -> None:
        """Let nobody else make or end keys before this transaction ends."""
        ...

    def add(self, key: SigningKey) -> None: ...

    def end(self, key_id: str, ends: Instant) -> None:
        """Publish the key no longer than that."""
        ...

    def forget(self, now: Instant) -> int:
        """Remove the keys that are published no more; answers how many."""
        ...
