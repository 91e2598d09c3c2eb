"""What the server must read again, sealed before it is stored: AES-256-GCM under keys made of SCIM_SECRET_KEY.

A sealed text is `v1.KEY.CONTENT`: which key, and nonce and ciphertext in base 64. Without a key texts are kept as they
are, behind `v0.` where they could be taken for sealed ones, and stay legible when there is a key later.
"""

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from scim_server.domain.errors import WrongKey

CLEAR, MARK = "v0.", "v1."
NONCE_BYTES = 12
KEY_ID_LENGTH = 8


class Vault:
    """Seals with the first of the installation's secret keys and opens with any of them."""

    def __init__(self, secret_keys: Sequence[str] = ()) -> None:
        self._ciphers = {_key_id(secret): _cipher(secret) for secret in secret_keys}
        self._sealing = next(iter(self._ciphers), None)

    def seal(self, text: str, place: str) -> str:
        """`text` as it is stored at `place`, which it cannot be moved from: a table, column and key in words."""
        if self._sealing is None:
            return CLEAR + text if text.startswith((CLEAR, MARK)) else text
        nonce = os.urandom(NONCE_BYTES)
        sealed = nonce + self._ciphers[self._sealing].encrypt(nonce, text.encode(), place.encode())
        return f"{MARK}{self._sealing}.{urlsafe_b64encode(sealed).decode()}"

    def open(self, stored: str, place: str) -> str:
        """What was stored at `place`. Raises WrongKey where none of the keys opens it."""
        if not stored.startswith(MARK):
            return stored.removeprefix(CLEAR)
        key_id, _, content = stored.removeprefix(MARK).partition(".")
        if key_id not in self._ciphers:
            raise WrongKey(f"{place} is sealed with a key that SCIM_SECRET_KEY does not have")
        try:
            sealed = urlsafe_b64decode(content)
            text = self._ciphers[key_id].decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place.encode())
        except (InvalidTag, ValueError) as error:
            raise WrongKey(f"{place} was changed since it was sealed, or belongs elsewhere") from error
        return text.decode()

    @property
    def has_key(self) -> bool:
        return self._sealing is not None

    def is_fresh(self, stored: str) -> bool:
        """Whether `stored` is sealed with the first key, or there is no key to seal it with."""
        return self._sealing is None or stored.startswith(self.mark)

    @property
    def mark(self) -> str:
        """What a text begins with that is sealed with the first key; without a key, any sealed one."""
        return MARK if self._sealing is None else f"{MARK}{self._sealing}."


def _key_id(secret: str) -> str:
    return sha256(b"scim-server vault key\0" + secret.encode()).hexdigest()[:KEY_ID_LENGTH]


def _cipher(secret: str) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, None, b"scim-server vault").derive(secret.encode()))
