"""Identity providers that people sign in to the console with (OpenID Connect), each tenant its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from scim_server.domain.errors import Invalid
from scim_server.domain.instants import Instant
from scim_server.domain.tenants import Tenant

LONGEST_TEXT = 512


class PersonClaim(StrEnum):
    """The claim by which a person is found."""

    EMAIL = "email"
    """Their address, where the provider vouches for it."""
    USER_NAME = "preferred_username"
    SUBJECT = "sub"
    """Their externalId, likewise with `oid`."""
    OBJECT = "oid"


@dataclass(frozen=True, slots=True)
class SignInProvider:
    """A provider as one client of it knows it, whose secret is kept apart. Without a tenant it is the operator's."""

    tenant_id: str | None
    issuer: str
    client_id: str
    claim: PersonClaim
    created: Instant

    def person_in(self, claims: Mapping[str, Any]) -> str | None:
        """What the claims call the person; None where they do not say it, or nobody vouches for the address."""
        value = claims.get(self.claim)
        if not isinstance(value, str) or not 0 < len(value) <= LONGEST_TEXT:
            return None
        if self.claim is PersonClaim.EMAIL and claims.get("email_verified") is not True:
            return None
        return value


@dataclass(frozen=True, slots=True)
class Door:
    """Where the people of a tenant sign in; without tenant, where the operators do."""

    tenant: Tenant | None
    provider: SignInProvider
    secret: str


def check_provider(issuer: str, client_id: str, claim: str, secret: str | None) -> None:
    """Raises Invalid where no provider can be so. Plain http is for private networks that the operator allows."""
    if not is_issuer(issuer):
        raise Invalid(
            f"'{issuer[:100]}' is no issuer: write https://HOST[/PATH], just as the provider's metadata have it."
        )
    if claim not in {each.value for each in PersonClaim}:
        raise Invalid(f"'{claim[:100]}' finds nobody: use {', '.join(PersonClaim)}.")
    for name, text in (("client id", client_id), ("client secret", secret)):
        if text is not None and not (0 < len(text) <= LONGEST_TEXT and text.isascii() and text.isprintable()):
            raise Invalid(f"The {name} has 1 to {LONGEST_TEXT} printable ASCII characters: copy it from the provider.")


def is_issuer(text: str) -> bool:
    """Whether that can be an issuer identifier (OpenID Connect Discovery 1.0 section 3)."""
    try:
        parts = urlsplit(text)
        good = parts.scheme in {"https", "http"} and parts.hostname and parts.port != 0
    except ValueError:
        return False
    plain = text.isascii() and text.isprintable() and not set(text) & set(" \\?#")
    return bool(good) and plain and "@" not in parts.netloc and len(text) <= LONGEST_TEXT
