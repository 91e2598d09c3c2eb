"""What admins consented to, and what keeps it alive."""

from typing import Protocol

from scim_server.domain.instants import Instant
from scim_server.domain.oauth_grants import ApprovalCode, OAuthGrant, RefreshToken
from scim_server.domain.tenants import Tenant

RefreshBearer = tuple[Tenant, OAuthGrant, RefreshToken]
"""A refresh token with what it came of."""


class OAuthGrants(Protocol):
    """The grants of one tenant's clients."""

    def of_client(self, client_id: str) -> list[OAuthGrant]:
        """Those of one client, oldest first."""
        ...

    def get(self, grant_id: str) -> OAuthGrant | None: ...

    def of_code(self, code_id: str, digest: str) -> OAuthGrant | None:
        """The grant whose authorization code has that public id and digest."""
        ...

    def add(self, grant: OAuthGrant) -> None: ...

    def redeem(self, grant_id: str, now: Instant, expires: Instant) -> bool:
        """Whether nobody had redeemed its code until now; it then lives until `expires`."""
        ...

    def prolong(self, grant_id: str, expires: Instant) -> None: ...

    def revoke(self, grant_id: str, now: Instant) -> bool:
        """Whether it was not revoked until now."""
        ...


class RefreshTokens(Protocol):
    """The refresh tokens of one tenant's clients."""

    def get(self, token_id: str) -> RefreshToken | None: ...

    def shown(self, token_id: str, digest: str) -> RefreshToken | None:
        """The token of that public id and digest."""
        ...

    def after(self, token: RefreshToken) -> list[RefreshToken]:
        """Those of its family that were issued later."""
        ...

    def add(self, token: RefreshToken) -> None: ...

    def use(self, token_id: str, now: Instant) -> bool:
        """Whether nobody had used it until now."""
        ...

    def revoke_family(self, family: str, now: Instant) -> None:
        """Revoke all that came of one grant."""
        ...


class ApprovalCodes(Protocol):
    """Codes with which somebody may consent in another one's name."""

    def shown(self, code_id: str, digest: str) -> ApprovalCode | None:
        """The code of that public id and digest."""
        ...

    def add(self, code: ApprovalCode) -> None: ...

    def use(self, code_id: str, now: Instant) -> bool:
        """Whether nobody had used it until now."""
        ...
