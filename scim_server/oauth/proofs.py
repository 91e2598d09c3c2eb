"""RFC 9449: proofs that whoever sends a request has the key that its token is bound to."""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import quote, unquote, urlsplit

from scim_server.domain.events import Cause
from scim_server.domain.instants import instant
from scim_server.domain.tenants import Tenant
from scim_server.oauth.jwts import REFUSED_HEADERS, BadToken, Jwt, encoded, moment_in, read_jwt, text_in
from scim_server.oauth.presented import Presented
from scim_server.oauth.refusals import BadProof
from scim_server.oauth.verifying_keys import VerifyingKey, read_key
from scim_server.services.ports import Units

TYPE = "dpop+jwt"
WINDOW = 60
"""Seconds by which `iat` may be off, either way."""
SLICE = 300
"""Seconds for which a nonce is given out; it is taken for as long again."""
LONGEST_ID = 256
KIND = "dpop"
PORTS = {"http": 80, "https": 443}
PROVING = Cause("system", "", "proof of possession")


@dataclass(frozen=True, slots=True)
class Nonces:
    """Nonces that need no store: each is made of the time and a secret of the installation's."""

    secret: str

    def current(self, now: float) -> str:
        return self._of(int(now // SLICE))

    def is_fresh(self, nonce: str, now: float) -> bool:
        """Whether it was given out a short while ago."""
        place = int(now // SLICE)
        return any(hmac.compare_digest(self._of(each).encode(), nonce.encode()) for each in (place, place - 1))

    def _of(self, place: int) -> str:
        digest = hmac.digest(self.secret.encode(), f"dpop nonce {place}".encode(), "sha256")
        return urlsafe_b64encode(digest[:24]).decode()


class Proofs:
    """Checks the proofs of requests; each is taken once. `nonces` may have to make their secret first."""

    def __init__(self, units: Units, nonces: Callable[[], Nonces]) -> None:
        self._units, self._nonces = units, nonces

    def thumbprint(self, presented: Presented, tenant: Tenant, token: str | None = None) -> str:
        """The thumbprint (RFC 7638) of the key that a request was proved with, at a service with that token.

        Raises BadProof.
        """
        proof, key = _read(presented)
        thumbprint = key.key.thumbprint()
        if text_in(proof.claims, "htm") != presented.method or not _is_address(proof, presented.url):
            raise BadProof("The DPoP proof is for another request: see its htm and htu.")
        if token is not None and text_in(proof.claims, "ath") != encoded(sha256(token.encode()).digest()):
            raise BadProof("The DPoP proof is for another token: see its ath.")
        self._use(proof, thumbprint, tenant)
        return thumbprint

    def _use(self, proof: Jwt, thumbprint: str, tenant: Tenant) -> None:
        shown, issued = text_in(proof.claims, "jti"), moment_in(proof.claims, "iat")
        nonces = self._nonces()  # before the transaction, as the secret is made in one of its own
        with self._units.write(tenant, PROVING) as uow:
            now = datetime.fromisoformat(uow.now).timestamp()
            if not nonces.is_fresh(text_in(proof.claims, "nonce") or "", now):
                raise BadProof("The DPoP proof needs the nonce of the header DPoP-Nonce.", nonces.current(now))
            if issued is None or abs(now - issued) > WINDOW:
                raise BadProof(f"The DPoP proof is not of this minute: see its iat. It is {int(now)} here.")
            if shown is None or len(shown) > LONGEST_ID:
                raise BadProof(f"The DPoP proof has no jti of 1 to {LONGEST_ID} characters.")
            digest = sha256(f"{thumbprint}\0{shown}".encode()).hexdigest()
            if not uow.used_proofs.use(KIND, digest, instant(datetime.fromtimestamp(issued + 2 * WINDOW, UTC))):
                raise BadProof("The DPoP proof was shown before: make a new one for each request.")
            uow.commit()


def _read(presented: Presented) -> tuple[Jwt, VerifyingKey]:
    """The one proof of a request, and the key that signed it."""
    if len(presented.proofs) != 1 or "," in presented.proofs[0]:
        raise BadProof("The request needs one DPoP header with a proof.")
    try:
        proof = read_jwt(presented.proofs[0], REFUSED_HEADERS - {"jwk"})
    except BadToken as error:
        raise BadProof("The DPoP header holds no signed proof.") from error
    if proof.header.get("typ") != TYPE:
        raise BadProof(f"The typ of a DPoP proof is {TYPE}.")
    key = read_key(proof.header.get("jwk"))
    if key is None:
        raise BadProof("The DPoP proof has no public jwk in its header that signatures can be checked with.")
    if not key.signed(proof):
        raise BadProof("The DPoP proof is not signed with the key in its header, by an algorithm that is taken.")
    return proof, key


def _is_address(proof: Jwt, url: str) -> bool:
    """RFC 9449 section 4.3: compared as RFC 3986 section 6.2 has it, query and fragment apart. `url` is decoded."""
    try:
        # What is a question mark in a decoded path begins no query.
        both = urlsplit(quote(url, safe=":/[]")), urlsplit(text_in(proof.claims, "htu") or "")
        ours, theirs = (
            (each.scheme, each.username, each.hostname, PORTS.get(each.scheme) if each.port is None else each.port)
            for each in both
        )
    except ValueError:
        return False
    return ours == theirs and unquote(both[0].path) == unquote(both[1].path)
