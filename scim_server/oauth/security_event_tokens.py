"""RFC 8417: security event tokens, signed as access tokens are, with the keys that the issuer publishes.

Their type keeps them apart (section 2.3): no other header than that of an access token opens anything.
"""

from collections.abc import Mapping
from typing import Any

from scim_server.domain.tenants import Tenant
from scim_server.oauth.jwts import sign_jwt
from scim_server.oauth.key_rings import KeyRing, header
from scim_server.services.addresses import issuer_address

TYPE = "secevent+jwt"


class SecurityEventTokens:
    """Signs for all tenants of the installation (`services/ports/security_events.py`). Threads may share it."""

    def __init__(self, ring: KeyRing, public_url: str) -> None:
        self._ring, self._public_url = ring, public_url

    def issuer(self, tenant: Tenant) -> str:
        return issuer_address(self._public_url, tenant.slug)

    def sign(self, claims: Mapping[str, Any]) -> str:
        signer = self._ring.signer()
        return sign_jwt(header(signer.algorithm, signer.id, TYPE), claims, signer.key, signer.algorithm)
