"""Personal facts of the audit trail, encrypted under a key per person: without the key nobody reads them again.

AES-256-GCM with a random nonce. What a ciphertext belongs to (tenant, entry, before or after) is authenticated
beside it, so that it can be moved nowhere else.
"""

import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12


def new_key() -> str:
    """A fresh key, in base64."""
    return b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def encrypt(key: str, facts: Mapping[str, Any], place: str) -> str:
    """The facts as nonce and ciphertext, in base64, good at that place."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = AESGCM(b64decode(key)).encrypt(nonce, orjson.dumps(facts), place.encode())
    return b64encode(nonce + sealed).decode()


def decrypt(key: str, sealed: str, place: str) -> dict[str, Any] | None:
    """The facts; None where this key does not open them there, as the person's own is gone."""
    try:
        content = b64decode(sealed)
        text = AESGCM(b64decode(key)).decrypt(content[:NONCE_BYTES], content[NONCE_BYTES:], place.encode())
    except (InvalidTag, ValueError):  # ValueError: the row of the key, or the ciphertext, is damaged
        return None
    facts: dict[str, Any] = orjson.loads(text)
    return facts
