"""RFC 9865: cursors, sealed so that only this server can read or make one. It keeps no state of a walk.

A cursor is AES-SIV (RFC 5297) over the place in the list, the page size and the time it ends. What it is bound to,
the caller and the query, is authenticated beside it and not in it, so that it opens nowhere else. AES-SIV needs no
nonce: the same place at the same time has the same cursor, which tells nobody anything.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from scim_server.protocol.errors import ExpiredCursor, InvalidCursor

_KEY_BYTES = 64
"""AES-256 for the cipher, and as much again for its authentication."""
_PURPOSE = b"scim-server cursor 1"
"""Keeps these keys apart from whatever else is derived from the same secrets, and from cursors of another form."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page begins: beyond the resource `id`, which need not exist any longer, in the order of the list.

    `key` is what the list is sorted by there, comparable: None where the value is missing or nothing is sorted by,
    a number as its decimal digits. `backward` asks for the page that ends before the resource.
    """

    key: str | bool | None
    id: str
    backward: bool = False


@dataclass(frozen=True, slots=True)
class Cursor:
    """A page of a walk: its place, the size of the walk's pages, and the moment (fixed-width UTC) it ends."""

    position: Position
    count: int
    expires: str


@dataclass(frozen=True)
class Sealer:
    """Seals with the first of `secrets` and opens with any, so that a secret can be replaced during walks."""

    secrets: Sequence[str]

    def seal(self, cursor: Cursor, bound: Sequence[str]) -> str:
        """`cursor` as text of unreserved characters, good for those who bring the same `bound` texts."""
        place = cursor.position
        inner = [place.key, place.id, place.backward, cursor.count, cursor.expires]
        sealed = self._ciphers[0].encrypt(json.dumps(inner).encode(), [_joined(bound)])
        return urlsafe_b64encode(sealed).rstrip(b"=").decode()

    def open(self, text: str, bound: Sequence[str], now: str) -> Cursor:
        """The cursor that `text` is. Raises InvalidCursor, the same for every reason, or ExpiredCursor."""
        key, resource_id, backward, count, expires = json.loads(self._opened(_bytes(text), _joined(bound)))
        if now >= expires:
            raise ExpiredCursor("The time of this cursor is over. Begin again with an empty cursor.")
        return Cursor(Position(key, resource_id, backward), count, expires)

    def _opened(self, sealed: bytes, bound: bytes) -> bytes:
        for cipher in self._ciphers:
            try:
                return cipher.decrypt(sealed, [bound])
            except (InvalidTag, ValueError):
                continue
        raise _invalid()

    @cached_property
    def _ciphers(self) -> list[AESSIV]:
        return [
            AESSIV(HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=_PURPOSE).derive(secret.encode()))
            for secret in self.secrets
        ]


def _bytes(text: str) -> bytes:
    """What `text` spells, if it is spelt as `seal` does it."""
    try:
        sealed = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:
        raise _invalid() from error
    if urlsafe_b64encode(sealed).rstrip(b"=").decode() != text:
        raise _invalid()
    return sealed


def _joined(bound: Sequence[str]) -> bytes:
    return json.dumps(list(bound)).encode()


def _invalid() -> InvalidCursor:
    return InvalidCursor(
        "The cursor is not one of this list: a cursor is good for the client, the address and the parameters of the "
        "answer it came in, unchanged. Begin again with an empty cursor."
    )
