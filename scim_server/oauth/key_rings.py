"""The installation's signing keys as one process has them at hand."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import orjson
from joserfc.jwk import Key, RSAKey

from scim_server.domain.instants import Instant, later
from scim_server.domain.oauth_clients import SigningKey
from scim_server.oauth.jwts import encoded
from scim_server.services import signing
from scim_server.services.ports import Bearers, Operator, Units

TYPE = "at+jwt"
"""RFC 9068 section 2.1."""
KEPT_FOR = timedelta(seconds=5)
"""How long keys are used without looking at the store again, and so what a compromised one is good for at most."""
PAUSE = timedelta(seconds=1)
"""How long nobody looks again after a header that no key was known for."""


_Shelf = Operator | Bearers
"""Where the keys are read."""


@dataclass(frozen=True, slots=True)
class Signer:
    """A key that signs now. `head` is the whole header of access tokens that it signs, encoded."""

    id: str
    head: str
    key: Key
    algorithm: str


@dataclass(frozen=True)
class _Loaded:
    """The published keys as the store had them at a moment; by the header of what they sign."""

    at: Instant
    published: tuple[SigningKey, ...]
    by_head: Mapping[str, tuple[Key, SigningKey]]
    signers: dict[str, Signer] = field(default_factory=dict)


class KeyRing:
    """Loads keys as they are needed. It may be used by several threads."""

    def __init__(self, units: Units) -> None:
        self._units = units
        self._lock = threading.Lock()
        self._loaded: _Loaded | None = None
        self._sought: Instant | None = None
        """When somebody last looked for a key that was not at hand."""

    def public_keys(self) -> list[Mapping[str, Any]]:
        """The JWKs of the published keys."""
        with self._units.overview() as operator:
            return [each.public for each in self._at_hand(operator).published if each.is_published(operator.now)]

    def signer(self) -> Signer:
        """What signs now; the first is made when it is needed. Raises Unavailable where it cannot be unsealed."""
        found = self._signer()
        if found is None:
            signing.make_first(self._units)
            self.forget()
            found = self._signer()
        assert found is not None, "a key was made"
        return found

    def verifier(self, bearers: Bearers, head: str, *, ours: bool) -> tuple[Key, str] | None:
        """The key behind tokens with just that header, and its algorithm. `ours` says that the token names us."""
        found = self._at_hand(bearers).by_head.get(head)
        if found is None and ours:
            found = self._looked_again(bearers).by_head.get(head)
        if found is None or not found[1].is_published(bearers.now):
            return None
        return found[0], found[1].algorithm

    def forget(self) -> None:
        """Look at the store again the next time."""
        self._loaded = None

    def _signer(self) -> Signer | None:
        with self._units.overview() as operator:
            loaded = self._at_hand(operator)
            chosen = signing.current(list(loaded.published), operator.now)
            if chosen is None:
                return None
            if chosen.id not in loaded.signers:
                private = RSAKey.import_key(operator.signing_keys.private(chosen))
                loaded.signers[chosen.id] = Signer(chosen.id, _head(chosen), private, chosen.algorithm)
            return loaded.signers[chosen.id]

    def _looked_again(self, shelf: _Shelf) -> _Loaded:
        """The keys as they are now, unless somebody looked for another one a moment ago: a key may have been made since
        they were last read, however lately that was."""
        if self._sought is None or shelf.now >= later(self._sought, PAUSE):
            self._sought = shelf.now
            self._loaded = _load(shelf, self._loaded)
        return self._at_hand(shelf)

    def _at_hand(self, shelf: _Shelf) -> _Loaded:
        """The keys as they were at most a few seconds ago."""
        loaded = self._loaded
        if loaded is not None and shelf.now < later(loaded.at, KEPT_FOR):
            return loaded
        with self._lock:
            if self._loaded is loaded:
                self._loaded = _load(shelf, loaded)
            return self._loaded or _load(shelf, None)


def _load(shelf: _Shelf, before: _Loaded | None) -> _Loaded:
    """The keys as they are; what was made of them before is good as long as they are the same."""
    published = tuple(shelf.signing_keys.all())
    if before is not None and before.published == published:
        return replace(before, at=shelf.now)
    by_head = {_head(each): (RSAKey.import_key(dict(each.public)), each) for each in published}
    return _Loaded(shelf.now, published, by_head)


def _head(key: SigningKey) -> str:
    """The header of every access token that the key signs: one that says anything else is none of ours."""
    return header(key.algorithm, key.id, TYPE)


def header(algorithm: str, key_id: str, type_: str) -> str:
    """The header of tokens of that type, encoded."""
    return encoded(orjson.dumps({"alg": algorithm, "kid": key_id, "typ": type_}))
