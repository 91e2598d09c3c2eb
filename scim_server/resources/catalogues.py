"""Resource types that are worked out, not stored: found by the evaluator in memory, with the same answers."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from scim_server.protocol.matching import matches
from scim_server.protocol.normalising import search_copy
from scim_server.protocol.ordering import ordered
from scim_server.protocol.registry import Registry
from scim_server.protocol.schemas import ResourceType
from scim_server.resources import entitlements, roles
from scim_server.resources.callers import Caller
from scim_server.resources.ports import Found, Page, ResourceUnit, Selection, Source
from scim_server.resources.representations import represent

CATALOGUES: Mapping[str, Callable[[ResourceUnit], Iterable[dict[str, Any]]]] = {
    "Role": roles.documents,
    "Entitlement": entitlements.documents,
}
"""What makes the documents of a resource type, in full, without `schemas` and `id`; their `value` is the id."""


def source(uow: ResourceUnit, caller: Caller, registry: Registry, kind: ResourceType) -> Source:
    """Where the documents of a resource type are read: a catalogue where there is one, else the store."""
    if kind.name not in CATALOGUES:
        return uow.documents
    found = (_found(kind, document) for document in CATALOGUES[kind.name](uow))
    return Catalogue(caller, registry, {each.id: each for each in found})


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A short list of resources of one type, by id."""

    caller: Caller
    registry: Registry
    resources: Mapping[str, Found]

    def get(self, kind: ResourceType, resource_id: str, computed: Collection[str]) -> Found | None:  # noqa: ARG002
        return self.resources.get(resource_id)

    def find(self, kind: ResourceType, selection: Selection, computed: Collection[str]) -> Page:  # noqa: ARG002
        searches = {found.id: self._search(kind, found) for found in self.resources.values()}
        if selection.condition is not None:
            searches = {each: search for each, search in searches.items() if matches(selection.condition, search)}
        ids = ordered(searches, selection.sort_by, selection.ascending)
        first = selection.start_index - 1
        return Page(len(ids), [self.resources[each] for each in ids[first : first + selection.count]])

    def _search(self, kind: ResourceType, found: Found) -> dict[str, Any]:
        return search_copy(represent(self.caller, self.registry, kind, found, None), kind)


def _found(kind: ResourceType, document: Mapping[str, Any]) -> Found:
    """Having no history, a document is its own version: another content is another version."""
    content = json.dumps(document, sort_keys=True).encode()
    version = int.from_bytes(sha256(content).digest()[:6])
    return Found(document["value"], {"schemas": [kind.schema.urn], **document}, version)
