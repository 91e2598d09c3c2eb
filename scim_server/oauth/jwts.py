"""JSON Web Tokens (RFC 7519, RFC 7515 section 3.1), read strictly and before anything of them is believed.

Nothing in a header chooses how a token is verified: which algorithms a key signs with is known with the key (RFC 8725
section 3.1).
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from joserfc.errors import JoseError
from joserfc.jwk import Key
from joserfc.jws import JWSRegistry

from scim_server.protocol.errors import ScimError
from scim_server.protocol.texts import parse_json

LONGEST = 8192
"""Characters of a token that are looked at."""
REFUSED_HEADERS = frozenset({"crit", "b64", "enc", "zip", "jku", "x5u", "jwk"})
"""Extensions we do not know, encryption and compression, and keys that a token brings or names by itself."""
LATEST = 2**40
"""Seconds since 1970 that a moment may be."""


class BadToken(Exception):
    """The text is no token that anything can be said of."""


@dataclass(frozen=True, slots=True)
class Jwt:
    """A token that nobody has verified yet. `signed` is what the signature is over."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    signed: bytes
    signature: bytes

    def is_by(self, key: Key, algorithms: tuple[str, ...]) -> bool:
        """Whether the key made the signature, by one of the algorithms that it may be used with."""
        algorithm = self.header.get("alg")
        return algorithm in algorithms and is_signature(key, str(algorithm), self.signed, self.signature)

    def is_typed(self, types: frozenset[str]) -> bool:
        """Whether `typ`, if there is one, is among `types`, letter case and `application/` ignored (RFC 7515 section
        4.1.9)."""
        named = self.header.get("typ", "JWT")
        return isinstance(named, str) and named.lower().removeprefix("application/") in types


def read_jwt(text: str, refused: frozenset[str] = REFUSED_HEADERS, longest: int = LONGEST) -> Jwt:
    """What a compact serialization says; `refused` are headers it may not have. Raises BadToken."""
    if len(text) > longest or not text.isascii() or text.count(".") != 2:
        raise BadToken
    head, body, signature = text.split(".")
    header = decoded_object(head)
    if refused.intersection(header) or not isinstance(header.get("alg"), str):
        raise BadToken
    return Jwt(header, decoded_object(body), f"{head}.{body}".encode(), decoded(signature))


def sign_jwt(head: str, claims: Mapping[str, Any], key: Key, algorithm: str) -> str:
    """The compact serialization of claims, under a header that is `encoded` already."""
    signed = f"{head}.{encoded(orjson.dumps(claims))}"
    signature = JWSRegistry.algorithms[algorithm].sign(signed.encode(), key)
    return f"{signed}.{encoded(signature)}"


def is_signature(key: Key, algorithm: str, signed: bytes, signature: bytes) -> bool:
    """Whether `signature` is the key's over `signed`."""
    try:
        return bool(JWSRegistry.algorithms[algorithm].verify(signed, signature, key))
    except (JoseError, ValueError):
        return False


def encoded(content: bytes) -> str:
    """Base 64 for addresses, without padding (RFC 7515 section 2)."""
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def decoded(text: str) -> bytes:
    """The same back, of its one spelling alone. Raises BadToken."""
    try:
        content = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadToken from error
    if encoded(content) != text:
        raise BadToken
    return content


def decoded_object(text: str) -> dict[str, Any]:
    """A JSON object in base 64, no name in it twice. Raises BadToken."""
    try:
        value = parse_json(decoded(text))
    except ScimError as error:
        raise BadToken from error
    if not isinstance(value, dict):
        raise BadToken
    return value


def text_in(claims: Mapping[str, Any], name: str) -> str | None:
    """The claim, if it is a text with something in it."""
    value = claims.get(name)
    return value if isinstance(value, str) and value else None


def moment_in(claims: Mapping[str, Any], name: str) -> float | None:
    """The claim, if it is a moment in seconds since 1970 (RFC 7519 section 2)."""
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LATEST:
        return None
    return float(value)
