"""Public keys of others (RFC 7517), each with the algorithms that it takes and no other (RFC 8725 section 3.1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from scim_server.oauth.algorithms import CURVES, RSA_ALGORITHMS
from scim_server.oauth.jwts import BadToken, Jwt, decoded
from scim_server.services.client_keys import LARGEST_EXPONENT, LARGEST_RSA, SMALLEST_RSA

LONGEST_KEY_ID = 512
SECRET_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"})
_MEMBERS: Mapping[str, tuple[type[RSAKey | ECKey | OKPKey], tuple[str, ...]]] = {
    "RSA": (RSAKey, ("n", "e")),
    "EC": (ECKey, ("crv", "x", "y")),
    "OKP": (OKPKey, ("crv", "x")),
}


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """A public key under its id, if it has one."""

    id: str | None
    algorithms: tuple[str, ...]
    key: Key

    def signed(self, jwt: Jwt) -> bool:
        """Whether it made the signature."""
        return jwt.is_by(self.key, self.algorithms)


def read_key(jwk: Any) -> VerifyingKey | None:
    """A key for signatures from a JWK, None for any other; what it says beside that is passed over.

    A member of a private key makes it none: whoever publishes that has lost it.
    """
    if not isinstance(jwk, Mapping) or SECRET_MEMBERS & jwk.keys() or not _is_for_signatures(jwk):
        return None
    algorithms = _algorithms(jwk)
    if not algorithms or not (jwk.get("kid") is None or is_key_id(jwk["kid"])):
        return None
    kind, members = _MEMBERS[jwk["kty"]]
    try:
        key = kind.import_key({"kty": jwk["kty"], **{name: jwk[name] for name in members}})
    except (JoseError, ValueError, KeyError, TypeError):
        return None
    return VerifyingKey(jwk.get("kid"), algorithms, key)


def is_key_id(value: Any) -> bool:
    """Whether that can name a key."""
    return isinstance(value, str) and 0 < len(value) <= LONGEST_KEY_ID


def _is_for_signatures(jwk: Mapping[str, Any]) -> bool:
    operations = jwk.get("key_ops", ["verify"])
    return jwk.get("use", "sig") == "sig" and isinstance(operations, list) and "verify" in operations


def _algorithms(jwk: Mapping[str, Any]) -> tuple[str, ...]:
    """Those that fit the key's type and curve, or the one of them that the key says."""
    fitting: tuple[str, ...] = ()
    kind, on_curve = CURVES.get(str(jwk.get("crv")), ("", ()))
    if jwk.get("kty") == "RSA":
        fitting = RSA_ALGORITHMS if _is_bearable(jwk) else ()
    elif jwk.get("kty") == kind:
        fitting = on_curve
    only = jwk.get("alg")
    return fitting if only is None else tuple(name for name in fitting if name == only)


def _is_bearable(jwk: Mapping[str, Any]) -> bool:
    """Whether a signature of that key of RSA is looked at in reasonable time."""
    return SMALLEST_RSA <= _bits(jwk.get("n")) <= LARGEST_RSA and _bits(jwk.get("e")) <= LARGEST_EXPONENT


def _bits(number: Any) -> int:
    """The length of a number in base 64, 0 for what is none."""
    try:
        return int.from_bytes(decoded(number), "big").bit_length() if isinstance(number, str) else 0
    except BadToken:
        return 0
