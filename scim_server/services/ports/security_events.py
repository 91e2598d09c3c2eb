"""Who signs security event tokens."""

from collections.abc import Mapping
from typing import Any, Protocol

from scim_server.domain.tenants import Tenant


class TokenSigner(Protocol):
    """Signs with a key that the tenant's issuer publishes."""

    def issuer(self, tenant: Tenant) -> str:
        """Whose tokens the tenant's are."""
        ...

    def sign(self, claims: Mapping[str, Any]) -> str:
        """The security event token (RFC 8417), signed now. Raises Unavailable where no key can be had."""
        ...
