"""What tokens are bound to (RFC 7800): a key that a client proves (RFC 9449) or its certificate (RFC 8705)."""

from collections.abc import Mapping
from typing import Any, Protocol

from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc6750 import InvalidTokenError

from scim_server.domain.oauth_clients import OAuthClient
from scim_server.domain.tenants import Tenant
from scim_server.oauth.presented import Presented
from scim_server.oauth.proofs import Proofs
from scim_server.oauth.schemes import KEY, Scheme, Shown

CERTIFICATE = "x5t#S256"
"""The member of `cnf` that has the thumbprint of a certificate (RFC 8705 section 3.1)."""
KNOWN = frozenset({KEY, CERTIFICATE})


class Bound(Protocol):
    """Whoever has a token, as far as this is concerned."""

    @property
    def tenant(self) -> Tenant | None: ...

    @property
    def binding(self) -> Mapping[str, Any]: ...


class Bindings:
    """Binds the tokens of clients, and holds bearers to what theirs are bound to."""

    def __init__(self, proofs: Proofs) -> None:
        self._proofs = proofs

    def bind(self, presented: Presented, tenant: Tenant, client: OAuthClient) -> Mapping[str, str]:
        """The `cnf` of a new token: by the proof of the request, and the certificate where the client is to have it so.

        Raises BadProof, InvalidRequestError where what the client demands is missing.
        """
        bound: dict[str, str] = {}
        if client.dpop or presented.proofs:
            bound[KEY] = self._proofs.thumbprint(presented, tenant)
        if client.certificate_bound:
            if presented.certificate is None:
                raise InvalidRequestError("This client gets tokens for its certificate alone: connect with that.")
            bound[CERTIFICATE] = presented.certificate
        return bound

    def hold(self, presented: Presented, shown: Shown, bearer: Bound) -> None:
        """Raises BadProof, InvalidTokenError: a bound token opens nothing without what it is bound to, nor does one
        that is not bound at all come as if it were."""
        binding = bearer.binding
        proved = shown.scheme is Scheme.DPOP
        if (KEY in binding) != proved or not binding.keys() <= KNOWN:
            raise InvalidTokenError
        if CERTIFICATE in binding and binding[CERTIFICATE] != presented.certificate:
            raise InvalidTokenError
        if proved and (
            bearer.tenant is None or self._proofs.thumbprint(presented, bearer.tenant, shown.token) != binding[KEY]
        ):
            raise InvalidTokenError
