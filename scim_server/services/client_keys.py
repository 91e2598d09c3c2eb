"""The public keys that a client signs its assertions with: a JWK Set (RFC 7517 section 5)."""

from collections.abc import Mapping
from typing import Any

from joserfc import jwk
from joserfc.errors import JoseError

from scim_server.domain.errors import Invalid

MOST_KEYS = 10
SMALLEST_RSA, LARGEST_RSA = 2048, 8192
"""Bits of a modulus. Beyond the larger one a signature takes too long to look at."""
LARGEST_EXPONENT = 64
"""Bits. Nobody needs as many, and with one as long as the modulus a signature takes a hundred times as long."""
ALGORITHMS: Mapping[tuple[str, str | None], tuple[str, ...]] = {
    ("RSA", None): ("RS256", "PS256"),
    ("EC", "P-256"): ("ES256",),
    ("OKP", "Ed25519"): ("EdDSA", "Ed25519"),
}
"""What a key of that type and curve signs with, and nothing else. RFC 9864 calls EdDSA over Ed25519 by that name."""
KEPT_MEMBERS = ("kty", "n", "e", "crv", "x", "y", "kid", "alg", "use")
LONGEST_MEMBER = 2048
SECRET_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


def algorithms_of(key: jwk.Key) -> tuple[str, ...]:
    """What signatures of the key may be made with; none for a key of a type that is not taken."""
    curve = key.get("crv")
    allowed = ALGORITHMS.get((key.key_type, curve if isinstance(curve, str) else None), ())
    declared = key.get("alg")
    return tuple(each for each in allowed if declared in (None, each))


def keys_in(jwks: Mapping[str, Any]) -> list[jwk.Key]:
    """The keys of a set that sign with something we take; what else is in it is passed over."""
    listed = jwks.get("keys")
    found = [_key(each) for each in listed[:MOST_KEYS]] if isinstance(listed, list) else []
    return [key for key in found if key is not None and algorithms_of(key)]


def public_set(jwks: Mapping[str, Any]) -> dict[str, Any]:
    """The set with what is needed of each key. Raises Invalid unless all are public keys and of use."""
    listed = jwks.get("keys")
    if not isinstance(listed, list) or not 0 < len(listed) <= MOST_KEYS:
        raise Invalid(f'jwks must be a JWK Set: {{"keys": [...]}} with 1 to {MOST_KEYS} public keys.')
    for place, each in enumerate(listed):
        if isinstance(each, Mapping) and SECRET_MEMBERS.intersection(each):
            raise Invalid(f"Key {place} of jwks is a secret one. Keep it, and send its public part alone.")
        key = _key(each)
        if key is None or not algorithms_of(key):
            raise Invalid(
                f"Key {place} of jwks is of no use: take RSA of {SMALLEST_RSA} to {LARGEST_RSA} bits (RS256, PS256), "
                "EC on P-256 (ES256) or OKP on Ed25519 (EdDSA), meant for signatures."
            )
    return {"keys": [{name: each[name] for name in KEPT_MEMBERS if name in each} for each in listed]}


def _key(data: Any) -> jwk.Key | None:
    if not isinstance(data, Mapping) or data.get("use", "sig") != "sig" or SECRET_MEMBERS.intersection(data):
        return None
    kept = [data[name] for name in KEPT_MEMBERS if name in data]
    if not all(isinstance(each, str) and each.isprintable() and len(each) <= LONGEST_MEMBER for each in kept):
        return None
    if data.get("kty") == "RSA" and not (
        SMALLEST_RSA <= _bits(data.get("n")) <= LARGEST_RSA and _bits(data.get("e")) <= LARGEST_EXPONENT
    ):
        return None
    try:
        return jwk.import_key(dict(data))
    except (JoseError, ValueError, TypeError, KeyError):
        return None


def _bits(number: Any) -> int:
    """About how long a number in base 64 is."""
    return (len(number) * 6) // 8 * 8 if isinstance(number, str) else 0
