"""Security event tokens on their way out."""

from collections.abc import Mapping
from typing import Any, Protocol

from scim_server.domain.tenants import Tenant


class TokenSigner(Protocol):
    """Signs security event tokens with the key that signs now, which the issuer of every tenant publishes."""

    def issuer(self, tenant: Tenant) -> str:
        """Whom the tokens of that tenant are of: the `iss` of their claims."""
        ...

    def sign(self, claims: Mapping[str, Any]) -> str:
        """The token of those claims in compact serialization (RFC 8417 section 2), which has no others.

        Never within a transaction: the first key may have to be made. Raises Unavailable where none can be unsealed.
        """
        ...
