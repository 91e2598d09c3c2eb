"""Resource types that are worked out, not stored: found by the evaluator in memory, with the same answers."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from scim_server.protocol.cursors import Position
from scim_server.protocol.errors import InvalidCursor
from scim_server.protocol.matching import matches
from scim_server.protocol.normalising import search_copy
from scim_server.protocol.ordering import ordered
from scim_server.protocol.schemas import ResourceType
from scim_server.resources import entitlements, roles
from scim_server.resources.callers import Caller
from scim_server.resources.ports import Found, Page, Part, ResourceUnit, Source, Window
from scim_server.resources.representations import represent

CATALOGUES: Mapping[str, Callable[[ResourceUnit], Iterable[dict[str, Any]]]] = {
    "Role": roles.documents,
    "Entitlement": entitlements.documents,
}
"""What makes the documents of a resource type, in full, without `schemas` and `id`; their `value` is the id."""


def is_stored(kind: ResourceType) -> bool:
    """Whether the store has the resources of a type; queries across types are of those."""
    return kind.name not in CATALOGUES


def source(uow: ResourceUnit, caller: Caller, kind: ResourceType) -> Source:
    """Where the documents of a resource type are read: a catalogue where there is one, else the store."""
    if is_stored(kind):
        return uow.documents
    found = (_found(kind, document) for document in CATALOGUES[kind.name](uow))
    return Catalogue(caller, {each.id: each for each in found})


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A short list of resources of one type, by id."""

    caller: Caller
    resources: Mapping[str, Found]

    def get(self, kind: ResourceType, resource_id: str, computed: Collection[str]) -> Found | None:  # noqa: ARG002
        return self.resources.get(resource_id)

    def find(self, parts: Sequence[Part], window: Window) -> Page:
        """A page of the list, which is of one type. Raises InvalidCursor where the place of a walk is gone."""
        (part,) = parts
        searches = {found.id: self._search(part.kind, found) for found in self.resources.values()}
        if part.condition is not None:
            searches = {each: search for each, search in searches.items() if matches(part.condition, search)}
        ids = ordered(searches, part.sort_by, window.ascending)
        first, end = _bounds(ids, window)
        shown = [(part.kind, self.resources[each]) for each in ids[first:end]]
        if not window.by_cursor or not shown:
            return Page(len(ids), shown)
        before = Position(None, ids[first], backward=True) if first else None
        return Page(len(ids), shown, before, Position(None, ids[end - 1]) if end < len(ids) else None)

    def _search(self, kind: ResourceType, found: Found) -> dict[str, Any]:
        return search_copy(represent(self.caller, kind, found, None), kind)


def _bounds(ids: Sequence[str], window: Window) -> tuple[int, int]:
    """Where the page begins in the list, and where it ends."""
    place = window.position
    if place is None:
        return window.skipped, window.skipped + window.count
    if place.id not in ids:
        raise InvalidCursor("What this cursor continues from has left the list. Begin again with an empty cursor.")
    at = ids.index(place.id)
    return (max(0, at - window.count), at) if place.backward else (at + 1, at + 1 + window.count)


def _found(kind: ResourceType, document: Mapping[str, Any]) -> Found:
    """Having no history, a document is its own version: another content is another version."""
    content = json.dumps(document, sort_keys=True).encode()
    version = int.from_bytes(sha256(content).digest()[:6])
    return Found(document["value"], {"schemas": [kind.schema.urn], **document}, version)
