"""RFC 8417: security event tokens, signed as access tokens are, with the keys that the issuer publishes.

Their type keeps them apart (section 2.3): no other header than that of an access token opens anything.
"""

from collections.abc import Mapping
from typing import Any

from scim_server.oauth.jwts import sign_jwt
from scim_server.oauth.key_rings import KeyRing, header

TYPE = "secevent+jwt"


class SecurityEventTokens:
    """Signs for all tenants of the installation (`services/ports/streams.py`). It may be used by several threads."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    def sign(self, claims: Mapping[str, Any]) -> str:
        signer = self._ring.signer()
        return sign_jwt(header(signer.algorithm, signer.id, TYPE), claims, signer.key, signer.algorithm)
