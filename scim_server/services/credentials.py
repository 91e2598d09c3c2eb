"""Bearer tokens as texts: `PREFIX_ID_SECRET` with a checksum, made once and known afterwards by a digest.

The prefix says whose token it is and the id begins with the tenant's, so that one look-up finds it.
"""

import hashlib
import hmac
import secrets
import zlib
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from scim_server.domain.errors import Invalid
from scim_server.domain.instants import Instant
from scim_server.domain.tenants import ApiToken, PersonToken, Token

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
SECRET_LENGTH = 43
"""43 characters of base 62 carry 256 bits."""
CHECKSUM_LENGTH = 6
TENANT_ID_LENGTH = 12
TOKEN_ID_LENGTH = TENANT_ID_LENGTH + 10
LENGTH_AFTER_PREFIX = 1 + TOKEN_ID_LENGTH + 1 + SECRET_LENGTH + CHECKSUM_LENGTH


class Prefix(StrEnum):
    """Whose a token is."""

    CONNECTION = "scim"
    PERSON = "scimme"
    INVITATION = "sciminv"
    API = "scimapi"
    OPERATOR = "scimop"
    CLIENT = "scimcs"
    """Secrets of clients of the authorization server: good at the token endpoint, and for nothing else."""
    CODE = "scimac"
    """Authorization codes."""
    REFRESH = "scimrt"
    """Refresh tokens."""
    APPROVAL = "scimok"
    """Codes to approve a client with."""
    VISIT = "scimcv"
    """People's visits of the console: in a sign-in link, then in the cookie of a browser."""
    OPERATOR_VISIT = "scimco"
    """The operator's likewise."""


_PREFIXES = {prefix.value: prefix for prefix in Prefix}


@dataclass(frozen=True, slots=True)
class Credential:
    """A token as its bearer knows it: the public id (which begins with the tenant's id) and the digest to compare."""

    prefix: Prefix
    tenant_id: str
    token_id: str
    digest: str

    @property
    def owner_id(self) -> str | None:
        """The tenant that the token is one of; None for the operator's."""
        return None if self.prefix in {Prefix.OPERATOR, Prefix.OPERATOR_VISIT} else self.tenant_id


def new_text(prefix: Prefix, tenant_id: str) -> tuple[str, str]:
    """The public id and the text of a new token."""
    token_id = new_public_id(tenant_id)
    return token_id, new_text_of(prefix, token_id)


def new_text_of(prefix: Prefix, token_id: str) -> str:
    """Another text of a token whose public id is known already."""
    return with_checksum(f"{prefix}_{token_id}_{_random(SECRET_LENGTH)}")


def new_public_id(tenant_id: str) -> str:
    """The public id of a token, or of a client of the authorization server."""
    return tenant_id + _random(TOKEN_ID_LENGTH - TENANT_ID_LENGTH)


def is_public_id(text: str) -> bool:
    """Whether `text` can be such an id, before any look-up."""
    return len(text) == TOKEN_ID_LENGTH and text.isascii() and text.isalnum()


def with_checksum(body: str) -> str:
    """A token's text: CRC-32 in base 62 lets a secret scanner, and us, tell it from garbage without a look-up."""
    return body + _checksum(body)


def check_life(life: timedelta) -> None:
    """Raises Invalid for a token that would be dead at once."""
    if life <= timedelta(0):
        raise Invalid("A token must live for some time: give --expires as, for example, 365d.")


def read_credential(text: str) -> Credential | None:
    """What a token's text says of itself; None for anything this server cannot have issued, before any look-up."""
    prefix = _PREFIXES.get(text.partition("_")[0])
    if prefix is None or len(text) != len(prefix) + LENGTH_AFTER_PREFIX or not text.isascii():
        return None
    body, checksum = text[:-CHECKSUM_LENGTH], text[-CHECKSUM_LENGTH:]
    if not hmac.compare_digest(_checksum(body), checksum) or body.count("_") != 2:
        return None
    token_id = body.split("_")[1]
    if not is_public_id(token_id):
        return None
    return Credential(prefix, token_id[:TENANT_ID_LENGTH], token_id, digest(text))


def opens(token: Token | PersonToken | ApiToken, credential: Credential, now: Instant) -> bool:
    """Whether the credential is this token and the token is live."""
    return hmac.compare_digest(token.digest, credential.digest) and token.is_live(now)


def digest(text: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def new_tenant_id() -> str:
    """A random tenant id, which every token of the tenant begins with."""
    return _random(TENANT_ID_LENGTH)


def _random(length: int) -> str:
    return "".join(secrets.choice(BASE62) for _ in range(length))


def _checksum(body: str) -> str:
    number = zlib.crc32(body.encode("ascii", "replace"))
    digits = []
    for _ in range(CHECKSUM_LENGTH):
        number, digit = divmod(number, len(BASE62))
        digits.append(BASE62[digit])
    return "".join(reversed(digits))
