"""The keys of other issuers (RFC 7517), fetched as they are needed and kept in the process.

Nothing is fetched but for an issuer that somebody trusts, and however many tokens come, each issuer is asked rarely:
once an hour, once a minute at most for a key that nobody has heard of, every 30 seconds at most while it does not
answer. What was fetched last is used for a day.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from joserfc.jwk import Key

from scim_server.domain.instants import Instant
from scim_server.oauth.verifying_keys import VerifyingKey, read_key
from scim_server.protocol.errors import InvalidSyntax
from scim_server.protocol.texts import parse_json
from scim_server.services.ports import Fetched, Unreachable, Web

HOUR, DAY = 3600, 24 * 3600
UNKNOWN_KEY_PAUSE = 60
FAILURE_PAUSE = 30
"""Seconds, of the caller's clock."""
PATIENCE = 5.0
"""Seconds that a request waits for another one that is fetching what it needs."""

MOST_BYTES = 262_144
MOST_KEYS = 100
MOST_SOURCES = 1000


@dataclass(frozen=True, slots=True)
class KeySource:
    """Where the keys of an issuer are: at `uri`, or where the issuer's metadata say."""

    issuer: str
    uri: str | None = None


@dataclass(frozen=True, slots=True)
class KeptKeys:
    """What is known of one source: when it was tried last, what it gave when last it did, and what is wrong now."""

    keys: tuple[VerifyingKey, ...] = ()
    fetched: float | None = None
    tried: float | None = None
    problem: str | None = None

    def named(self, key_id: str | None) -> list[VerifyingKey]:
        """The keys of that id; without one the only key there is."""
        if key_id is None:
            return list(self.keys) if len(self.keys) == 1 else []
        return [key for key in self.keys if key.id == key_id]

    def wants_fetching(self, key_id: str | None, now: float) -> bool:
        """Whether it is time to ask the source."""
        if self.tried is None:
            return True
        if self.fetched is None or now - self.fetched >= HOUR:
            return now - self.tried >= FAILURE_PAUSE
        return not self.named(key_id) and now - self.tried >= UNKNOWN_KEY_PAUSE

    def after_failing(self, problem: str, now: float) -> "KeptKeys":
        """What was fetched before stays for a day."""
        if self.fetched is None or now - self.fetched >= DAY:
            return KeptKeys(tried=now, problem=problem)
        return KeptKeys(self.keys, self.fetched, now, problem)


@dataclass
class _Shelf:
    """What is kept of one source, and who is renewing it."""

    kept: KeptKeys = KeptKeys()
    renewing: Lock = field(default_factory=Lock)


class IssuerKeys:
    """The keys of every source that was asked for, in this process."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self._shelves: dict[KeySource, _Shelf] = {}
        self._adding = Lock()

    def of(self, source: KeySource, key_id: str | None, now: float) -> KeptKeys:
        """What there is of the source's keys, asked for anew where it is time.

        One request asks; others go on with what there is, or wait for it a while where that has no such key.
        """
        shelf = self._shelf(source)
        if shelf.kept.wants_fetching(key_id, now):
            waits = not shelf.kept.named(key_id)
            if shelf.renewing.acquire(timeout=PATIENCE if waits else 0):
                try:
                    if shelf.kept.wants_fetching(key_id, now):
                        shelf.kept = self._renewed(shelf.kept, source, now)
                finally:
                    shelf.renewing.release()
        return shelf.kept

    def at(self, address: str, kid: str | None, now: Instant) -> list[Key]:
        """The keys of that id in the set at an address; none where it cannot be fetched."""
        kept = self.of(KeySource(address, address), kid, datetime.fromisoformat(now).timestamp())
        return [each.key for each in kept.named(kid)]

    def _shelf(self, source: KeySource) -> _Shelf:
        with self._adding:
            if source not in self._shelves and len(self._shelves) >= MOST_SOURCES:
                del self._shelves[next(iter(self._shelves))]
            return self._shelves.setdefault(source, _Shelf())

    def _renewed(self, kept: KeptKeys, source: KeySource, now: float) -> KeptKeys:
        try:
            return KeptKeys(fetch_keys(self._web, source), fetched=now, tried=now)
        except Unreachable as unreachable:
            return kept.after_failing(str(unreachable), now)


def fetch_keys(web: Web, source: KeySource) -> tuple[VerifyingKey, ...]:
    """The source's keys for signatures. Raises Unreachable, with a sentence."""
    uri = source.uri or _keys_address(web, source.issuer)
    listed = fetched_object(web, uri).get("keys")
    found = [read_key(each) for each in listed[:MOST_KEYS]] if isinstance(listed, list) else []
    keys = tuple(key for key in found if key is not None)
    if not keys:
        raise Unreachable(f"{uri} holds no key that signatures can be checked with.")
    return keys


def issuer_metadata(web: Web, issuer: str) -> Mapping[str, Any]:
    """What the issuer says of itself (OpenID Connect Discovery 1.0 section 4, RFC 8414 section 3).

    Raises Unreachable.
    """
    wrong = Unreachable(f"{issuer} has no metadata.")
    for address in _metadata_addresses(issuer):
        try:
            metadata = fetched_object(web, address)
        except NotThere as not_there:
            wrong = Unreachable(str(not_there))
            continue
        if metadata.get("issuer") != issuer:
            raise Unreachable(f"The metadata at {address} are not those of {issuer}.")
        return metadata
    raise wrong


def _keys_address(web: Web, issuer: str) -> str:
    address = issuer_metadata(web, issuer).get("jwks_uri")
    if not isinstance(address, str):
        raise Unreachable(f"The metadata of {issuer} do not say where the keys are.")
    return address


def _metadata_addresses(issuer: str) -> Iterator[str]:
    plain = issuer.rstrip("/")
    parts = urlsplit(plain)
    yield f"{plain}/.well-known/openid-configuration"
    yield f"{parts.scheme}://{parts.netloc}/.well-known/oauth-authorization-server{parts.path}"


class NotThere(Unreachable):
    """The server answers, but not with what was asked for."""


def fetched_object(web: Web, address: str) -> Mapping[str, Any]:
    """The JSON object at an address. Raises Unreachable, NotThere among them."""
    answer = web.get(address, most=MOST_BYTES)
    if answer.status != 200:
        raise NotThere(f"{address} answered {answer.status}.")
    found = object_in(answer)
    if found is None:
        raise NotThere(f"{address} answered with no JSON object.")
    return found


def object_in(answer: Fetched) -> dict[str, Any] | None:
    """The JSON object that a server answered with; None for anything else."""
    try:
        found = parse_json(answer.body)
    except InvalidSyntax:
        return None
    return found if isinstance(found, dict) else None
