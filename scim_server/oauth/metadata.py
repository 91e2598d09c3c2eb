"""What the authorization server and the resources say of themselves: RFC 8414 and RFC 9728.

All of it follows from the address that is asked for. Nothing is looked up, so nobody learns which tenants there are.
"""

from typing import Any

from scim_server.domain.access import PERMISSIONS
from scim_server.domain.oauth_clients import SCIM
from scim_server.domain.tenants import SCIM_READ, SCIM_WRITE
from scim_server.oauth.algorithms import ALGORITHMS
from scim_server.services.addresses import api_address, base_address, issuer_address
from scim_server.services.client_keys import ALGORITHMS as OF_KEYS

SERVER, RESOURCE = "oauth-authorization-server", "oauth-protected-resource"
"""Below /.well-known/."""
SCIM_SCOPES = [SCIM, SCIM_READ, SCIM_WRITE]
METHODS = ["client_secret_basic", "client_secret_post", "private_key_jwt"]
"""How a client can prove who it is, at every endpoint."""
SIGNATURES = [name for names in OF_KEYS.values() for name in names]


def server_metadata(public_url: str, slug: str, *, certificates: bool) -> dict[str, Any]:
    """RFC 8414 section 2, of the issuer of the tenant with that slug, whether or not there is one.

    `certificates` says whether proxies pass those of clients on (RFC 8705 section 3.3).
    """
    issuer = issuer_address(public_url, slug)
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "jwks_uri": f"{issuer}/jwks",
        "revocation_endpoint": f"{issuer}/revoke",
        "introspection_endpoint": f"{issuer}/introspect",
        "scopes_supported": [*SCIM_SCOPES, *PERMISSIONS],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["client_credentials", "authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        **_proofs("token"),
        **_proofs("revocation"),
        **_proofs("introspection"),
        "protected_resources": [base_address(public_url, slug), api_address(public_url)],
        **_bindings(certificates),
    }


def scim_metadata(public_url: str, slug: str, *, certificates: bool) -> dict[str, Any]:
    """RFC 9728 section 2, of the SCIM service of the tenant with that slug."""
    return {
        "resource": base_address(public_url, slug),
        "authorization_servers": [issuer_address(public_url, slug)],
        "scopes_supported": SCIM_SCOPES,
        "bearer_methods_supported": ["header"],
        **_bindings(certificates),
    }


def api_metadata(public_url: str, *, certificates: bool) -> dict[str, Any]:
    """The same of the admin API. It is every tenant's, so it names no issuer: a client knows its own."""
    return {
        "resource": api_address(public_url),
        "scopes_supported": list(PERMISSIONS),
        "bearer_methods_supported": ["header"],
        **_bindings(certificates),
    }


def _bindings(certificates: bool) -> dict[str, Any]:
    """RFC 9449 section 5.1 and RFC 8705 section 3.3: what tokens can be bound to."""
    return {
        "dpop_signing_alg_values_supported": list(ALGORITHMS),
        "tls_client_certificate_bound_access_tokens": certificates,
    }


def _proofs(endpoint: str) -> dict[str, Any]:
    return {
        f"{endpoint}_endpoint_auth_methods_supported": METHODS,
        f"{endpoint}_endpoint_auth_signing_alg_values_supported": SIGNATURES,
    }
