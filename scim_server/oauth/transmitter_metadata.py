"""What a tenant's issuer says of itself as a transmitter of security events (SSF 1.0 section 7.1).

As all metadata it follows from the address, whether or not there is such a tenant.
"""

from typing import Any

from scim_server.services.addresses import issuer_address

TRANSMITTER = "ssf-configuration"
"""Below /.well-known/."""
PUSH, POLL = "urn:ietf:rfc:8935", "urn:ietf:rfc:8936"
STREAM, STATUS, VERIFY, ADD, REMOVE = "stream", "status", "verify", "subjects:add", "subjects:remove"
"""The endpoints, below `shared_signals`."""


def shared_signals(public_url: str, slug: str) -> str:
    """Where receivers manage their streams."""
    return f"{issuer_address(public_url, slug)}/ssf"


def transmitter_metadata(public_url: str, slug: str) -> dict[str, Any]:
    """Of the issuer of the tenant with that slug."""
    issuer, below = issuer_address(public_url, slug), shared_signals(public_url, slug)
    return {
        "spec_version": "1_0",
        "issuer": issuer,
        "jwks_uri": f"{issuer}/jwks",
        "delivery_methods_supported": [PUSH, POLL],
        "configuration_endpoint": f"{below}/{STREAM}",
        "status_endpoint": f"{below}/{STATUS}",
        "verification_endpoint": f"{below}/{VERIFY}",
        "add_subject_endpoint": f"{below}/{ADD}",
        "remove_subject_endpoint": f"{below}/{REMOVE}",
        "authorization_schemes": [{"spec_urn": "urn:ietf:rfc:6749"}],
        "default_subjects": "ALL",
    }
