"""What others may sign with (RFC 7518 section 3.1, RFC 8037, RFC 9864): asymmetric algorithms, each of one kind of key.

Which of them a key takes follows from its type and curve, never from what a token says (RFC 8725 section 3.1).
"""

from collections.abc import Mapping

RSA_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
CURVES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "P-256": ("EC", ("ES256",)),
    "P-384": ("EC", ("ES384",)),
    "P-521": ("EC", ("ES512",)),
    "Ed25519": ("OKP", ("EdDSA", "Ed25519")),
}
"""The type of key and the algorithms of each curve. RFC 9864 calls EdDSA over Ed25519 by that name."""
ALGORITHMS = (*RSA_ALGORITHMS, *(name for _, names in CURVES.values() for name in names))
"""All of them."""
