"""What the authorization server refuses, beside what Authlib has for it (RFC 6749 section 5.2)."""

from authlib.oauth2 import OAuth2Error

from scim_server.oauth.reasons import Reason

REALM = "oauth"


class InvalidClient(OAuth2Error):  # type: ignore[misc]
    """Nobody known stands behind the request: the same for an unknown client, a wrong proof and a revoked client.

    `reason` is for the operator alone.
    """

    error = "invalid_client"
    status_code = 401
    description = (
        "The client is unknown or revoked, or did not prove who it is as it was registered to. "
        "The log of the server has the reason, under the X-Request-Id of this answer."
    )

    def __init__(self, reason: Reason) -> None:
        super().__init__()
        self.reason = reason

    def get_headers(self) -> list[tuple[str, str]]:
        return [*super().get_headers(), ("WWW-Authenticate", f'Basic realm="{REALM}"')]


class InvalidTarget(OAuth2Error):  # type: ignore[misc]
    """RFC 8707 section 2: the resource is none that tokens are issued for, to this client."""

    error = "invalid_target"
    description = "The resource is none that this client gets tokens for. Protected resource metadata name it."


class UnsupportedGrant(OAuth2Error):  # type: ignore[misc]
    """The grant type is none that this server knows."""

    error = "unsupported_grant_type"
    description = "This grant type is not supported. The metadata of this authorization server list those that are."


class Elsewhere(OAuth2Error):  # type: ignore[misc]
    """The connection that the client acts as takes nothing from the address that it is at; the client is known."""

    error = "access_denied"
    status_code = 403


class Busy(OAuth2Error):  # type: ignore[misc]
    """The client, or its tenant as a whole, asks too often (RFC 6585 section 4)."""

    error = "temporarily_unavailable"
    status_code = 429

    def __init__(self, description: str, retry_after: str) -> None:
        self.retry_after = retry_after
        super().__init__(description=description)

    def get_headers(self) -> list[tuple[str, str]]:
        return [*super().get_headers(), ("Retry-After", self.retry_after)]


class BadProof(OAuth2Error):  # type: ignore[misc]
    """The proof is missing or wrong, or needs the `nonce` (RFC 9449 sections 5 and 8). It is asked for anew."""

    error = "invalid_dpop_proof"

    def __init__(self, description: str, nonce: str | None = None) -> None:
        if nonce is not None:
            self.error = "use_dpop_nonce"
        self.nonce = nonce
        super().__init__(description=description)

    def nonce_header(self) -> list[tuple[str, str]]:
        """The header that tells the nonce."""
        return [] if self.nonce is None else [("DPoP-Nonce", self.nonce)]

    def get_headers(self) -> list[tuple[str, str]]:
        return [*super().get_headers(), *self.nonce_header()]
