"""RFC 7515, RFC 7519 and RFC 8725: signed tokens, read strictly before anything in them is believed."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from joserfc.util import urlsafe_b64decode

from scim_server.protocol.errors import InvalidSyntax
from scim_server.protocol.texts import parse_json

LONGEST = 8192
"""Characters of a token that is read at all."""
LONGEST_KEY_ID = 512
LEEWAY = 60
"""Seconds by which the clock of whoever signs may differ."""

SMALLEST_RSA, LARGEST_RSA = 2048, 8192
RSA_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
CURVES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "P-256": ("EC", ("ES256",)),
    "P-384": ("EC", ("ES384",)),
    "P-521": ("EC", ("ES512",)),
    "Ed25519": ("OKP", ("EdDSA", "Ed25519")),
}
"""The type of key and the algorithms of each curve."""
ALGORITHMS = (*RSA_ALGORITHMS, *(name for _, names in CURVES.values() for name in names))
"""The asymmetric ones that are taken; which of them a key takes follows from its type (RFC 8725 section 3.1)."""

REFUSED_HEADERS = frozenset({"crit", "b64", "enc", "zip"})
"""What would have the token read in another way than it is."""
PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"})
_MEMBERS: Mapping[str, tuple[type[RSAKey | ECKey | OKPKey], tuple[str, ...]]] = {
    "RSA": (RSAKey, ("n", "e")),
    "EC": (ECKey, ("crv", "x", "y")),
    "OKP": (OKPKey, ("crv", "x")),
}


class BadJwt(Exception):
    """The token is not to be believed. The message says why, without repeating anything of it."""


@dataclass(frozen=True, slots=True)
class Jwt:
    """A token in its three parts, of which nothing is proved yet."""

    text: str
    header: Mapping[str, Any]
    claims: Mapping[str, Any]

    @property
    def algorithm(self) -> str:
        return str(self.header["alg"])

    @property
    def key_id(self) -> str | None:
        """Which of the issuer's keys it says it is signed with."""
        return self.header.get("kid")

    @property
    def type(self) -> str:
        """`typ` in lower case, without the part that every media type may leave out."""
        return str(self.header.get("typ", "")).lower().removeprefix("application/")

    def text_of(self, claim: str) -> str | None:
        """A claim that is a text, else None."""
        value = self.claims.get(claim)
        return value if isinstance(value, str) else None


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """A public key, under its id, with the algorithms that it takes."""

    id: str | None
    algorithms: tuple[str, ...]
    key: Key

    @property
    def thumbprint(self) -> str:
        """RFC 7638, by SHA-256."""
        return self.key.thumbprint()


class _Signatures(jws.JWSRegistry):
    """Any header that RFC 8725 lets pass; the algorithm was held against the key before."""

    max_header_length = LONGEST

    def get_alg(self, name: str) -> Any:
        return self.algorithms[name]


_SIGNATURES = _Signatures(strict_check_header=False)


def looks_like_jwt(text: str) -> bool:
    """Whether a bearer token is in three parts, as none of this server's opaque ones is."""
    return text.count(".") == 2


def read_jwt(text: str) -> Jwt:
    """The token, as it says itself. Raises BadJwt."""
    if len(text) > LONGEST or not text.isascii() or not looks_like_jwt(text):
        raise BadJwt(f"It is no JWT in three parts, of at most {LONGEST} characters.")
    header, claims, _ = (_decoded(part) for part in text.split("."))
    jwt = Jwt(text, _object(header), _object(claims))
    if REFUSED_HEADERS & jwt.header.keys():
        raise BadJwt("Its header asks for an extension that is not taken.")
    if jwt.header.get("alg") not in ALGORITHMS:
        raise BadJwt(f"It is not signed with one of {', '.join(ALGORITHMS)}.")
    if not (jwt.key_id is None or _is_key_id(jwt.key_id)) or not isinstance(jwt.header.get("typ", ""), str):
        raise BadJwt("Its header has a kid or typ that is none.")
    return jwt


def is_signed_with(jwt: Jwt, key: VerifyingKey) -> bool:
    """Whether the signature is one of that key's."""
    if jwt.algorithm not in key.algorithms:
        return False
    try:
        jws.deserialize_compact(jwt.text, key.key, registry=_SIGNATURES)
    except (JoseError, ValueError):
        return False
    return True


def read_key(jwk: Any) -> VerifyingKey | None:
    """A public key for signatures from a JWK (RFC 7517), None for any other; what it says beside that is passed over.

    A member of a private key makes it none: whoever publishes that has lost it.
    """
    if not isinstance(jwk, dict) or PRIVATE & jwk.keys() or not _is_for_signatures(jwk):
        return None
    algorithms = _algorithms(jwk)
    if not algorithms or not (jwk.get("kid") is None or _is_key_id(jwk["kid"])):
        return None
    kind, members = _MEMBERS[jwk["kty"]]
    try:
        key = kind.import_key({"kty": jwk["kty"], **{name: jwk[name] for name in members}})
    except (JoseError, ValueError, KeyError, TypeError):
        return None
    return VerifyingKey(jwk.get("kid"), algorithms, key)


def check_times(jwt: Jwt, now: float) -> None:
    """RFC 7519 sections 4.1.4 to 4.1.6, `exp` required. Raises BadJwt."""
    expires = jwt.claims.get("exp")
    if not is_moment(expires) or expires <= now - LEEWAY:
        raise BadJwt("It has expired, or does not say when it does.")
    for claim in ("nbf", "iat"):
        moment = jwt.claims.get(claim, now)
        if not is_moment(moment) or moment > now + LEEWAY:
            raise BadJwt(f"It is not valid yet, going by {claim}.")


def is_moment(value: Any) -> TypeGuard[int | float]:
    """Whether that is a NumericDate (RFC 7519 section 2)."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _decoded(part: str) -> bytes:
    """RFC 7515 section 2: base 64 for addresses, unpadded."""
    try:
        return urlsafe_b64decode(part.encode())
    except ValueError as error:
        raise BadJwt("Its parts are not in base 64 for addresses.") from error


def _object(text: bytes) -> dict[str, Any]:
    try:
        value = parse_json(text)
    except InvalidSyntax as error:
        raise BadJwt("Its header or its claims are no JSON object.") from error
    if not isinstance(value, dict):
        raise BadJwt("Its header or its claims are no JSON object.")
    return value


def _is_key_id(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_KEY_ID


def _is_for_signatures(jwk: Mapping[str, Any]) -> bool:
    operations = jwk.get("key_ops", ["verify"])
    return jwk.get("use", "sig") == "sig" and isinstance(operations, list) and "verify" in operations


def _algorithms(jwk: Mapping[str, Any]) -> tuple[str, ...]:
    """Those that fit the key's type and curve, or the one of them that the key says."""
    fitting: tuple[str, ...] = ()
    kind, on_curve = CURVES.get(str(jwk.get("crv")), ("", ()))
    if jwk.get("kty") == "RSA" and SMALLEST_RSA <= _bits(jwk.get("n")) <= LARGEST_RSA:
        fitting = RSA_ALGORITHMS
    elif jwk.get("kty") == kind:
        fitting = on_curve
    only = jwk.get("alg")
    return fitting if only is None else tuple(name for name in fitting if name == only)


def _bits(number: Any) -> int:
    """The length of a number in base 64 for addresses, 0 for what is none."""
    if not isinstance(number, str) or not number.isascii():
        return 0
    try:
        return int.from_bytes(urlsafe_b64decode(number.encode()), "big").bit_length()
    except ValueError:
        return 0
