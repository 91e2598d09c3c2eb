"""The keys that access tokens are signed with: made, published a day before they sign, and ended.

The next key is published while the last still signs, so that whoever keeps a copy of the key set has it in time; the
last one is published until everything it signed has expired.
"""

import base64
import hashlib
import json
from datetime import timedelta
from enum import StrEnum

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from scim_server.domain.errors import Taken
from scim_server.domain.instants import Instant, later
from scim_server.domain.oauth_clients import LONGEST_TOKEN_SECONDS, SigningKey
from scim_server.services.ports import Operator, SigningKeys, Units
from scim_server.services.retrying import retried

CHORE = "rotate-signing-keys"
ALGORITHM = "RS256"
KEY_BITS = 2048
SIGNS_FOR = timedelta(days=90)
NOTICE = timedelta(days=1)
"""How long a key is published before it signs."""
OUTLIVES = timedelta(seconds=LONGEST_TOKEN_SECONDS, minutes=10)
"""How long a key is published after another signs: tokens live so long, and processes look for new keys each minute."""


class Rotation(StrEnum):
    """How soon a new key is to sign."""

    PLANNED = "planned"
    """After a day's notice."""
    AT_ONCE = "at_once"
    COMPROMISED = "compromised"
    """At once, and every access token is revoked: what any other key signed opens nothing any more."""


def keys(units: Units) -> list[SigningKey]:
    """Every key that is published, the one that starts last in front."""
    with units.overview() as operator:
        return [each for each in operator.signing_keys.all() if each.is_published(operator.now)]


def current(published: list[SigningKey], now: Instant) -> SigningKey | None:
    """The one of those keys that signs at that moment: the last that has begun to.

    Where none has, it is the first to begin: whoever made it a moment ago took a later time for now.
    """
    known = [each for each in published if each.is_published(now)]
    return next((each for each in known if each.starts <= now), known[-1] if known else None)


def make_first(units: Units) -> None:
    """Make a key if none signs. Of several processes that do so at once, one makes it."""
    with units.operator() as operator:
        operator.signing_keys.lock()
        if current(operator.signing_keys.all(), operator.now) is None:
            operator.signing_keys.add(_new_key(operator.now, operator.now))
            operator.commit()


@retried
def rotate(units: Units, how: Rotation) -> SigningKey:
    """A new key; answers it. One that waited to sign never will.

    Raises Taken for a planned one where another waits already.
    """
    with units.operator() as operator:
        new = _rotate(operator, how)
        operator.commit()
        return new


def rotate_due(units: Units) -> int:
    """The chore: publish the next key where it is time, and forget those that are over; answers how many keys it dealt
    with. Where nothing was ever signed there is nothing to do."""
    with units.operator() as operator:
        register = operator.signing_keys
        register.lock()
        done = register.forget(operator.now)
        known = register.all()
        if known and later(known[0].starts, SIGNS_FOR - NOTICE) <= operator.now:
            _rotate(operator, Rotation.PLANNED)
            done += 1
        operator.commit()
        return done


def _rotate(operator: Operator, how: Rotation) -> SigningKey:
    register, now = operator.signing_keys, operator.now
    register.lock()
    known = register.all()
    waiting = next((each for each in known if each.is_waiting(now)), None)
    if waiting is not None and how is Rotation.PLANNED:
        raise Taken(
            f"Key '{waiting.id}' is published already and signs from {waiting.starts[:19]}Z. Wait until then, or let "
            f"a new one sign at once (`scim-server oauth keys rotate --at-once`), in the place of that."
        )
    starts = later(now, NOTICE) if how is Rotation.PLANNED and current(known, now) else now
    new = _new_key(now, starts)
    for each in known:
        _end(register, each, now if each.is_waiting(now) or how is Rotation.COMPROMISED else later(starts, OUTLIVES))
    register.add(new)
    if how is Rotation.COMPROMISED:
        operator.revoke_access_tokens()
    return new


def _end(register: SigningKeys, key: SigningKey, ends: Instant) -> None:
    """What a key that waited was to sign nobody has, so it needs no time to run out."""
    if key.ends is None or key.ends > ends:
        register.end(key.id, ends)


def _new_key(now: Instant, starts: Instant) -> SigningKey:
    pair = generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    public = _public(pair)
    private = pair.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return SigningKey(public["kid"], ALGORITHM, public, private, now, starts)


def _public(pair: RSAPrivateKey) -> dict[str, str]:
    """The JWK of the public part; its `kid` is its thumbprint (RFC 7638 section 3)."""
    numbers = pair.public_key().public_numbers()
    required = {"e": _base64(numbers.e), "kty": "RSA", "n": _base64(numbers.n)}
    canonical = json.dumps(required, separators=(",", ":"), sort_keys=True).encode()
    kid = base64.urlsafe_b64encode(hashlib.sha256(canonical).digest()).decode().rstrip("=")
    return {**required, "kid": kid, "use": "sig", "alg": ALGORITHM}


def _base64(number: int) -> str:
    content = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
