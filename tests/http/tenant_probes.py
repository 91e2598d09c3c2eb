"""Every place of a SCIM request where an id, or what only the owner knows, can stand, filled with another tenant's.

Made from the resource types that are served and their schemas: a new type or attribute is probed by itself.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from scim_server.protocol.registry import Registry, standard_registry
from scim_server.protocol.schemas import ResourceType
from tests.walls.matrices import Probe
from tests.walls.requests import Request, quoted
from tests.walls.resources import filled, leaves
from tests.worlds import ENTERPRISE, PATCH_OP, SEARCH, Connection

BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
METHODS = ("GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "POST")
NOT_OWN = frozenset({"schemas", "meta.resourceType", "meta.created", "meta.lastModified", "meta.version"})
"""Texts that are the same in every tenant."""
Documents = Mapping[str, Mapping[str, Any]]
"""A resource of each type, by its name."""


def kinds(registry: Registry) -> list[ResourceType]:
    """Every resource type that the server brings along, and one of those that an operator declared."""
    return [registry.resource_type(name) for name in (*standard_registry().resource_types, "Asset")]


def plant(client: Connection, registry: Registry, mark: str) -> dict[str, dict[str, Any]]:
    """Two resources of each type with something in every attribute; the second names the first. Answers the second."""
    made: dict[str, dict[str, Any]] = {}
    for turn in ("", "also"):
        for kind in kinds(registry):
            if kind.is_read_only:
                continue
            ids = {name: document["id"] for name, document in made.items()}
            answer = client.post(kind.endpoint, filled(kind, mark + turn, ids))
            assert answer.status_code == 201, answer.text
            made[kind.name] = answer.json
    return made


@dataclass(frozen=True)
class Matrix:
    """The probes of one client; `own` are its tenant's resources, `others` those of the other tenant."""

    client: Connection
    other: Connection
    registry: Registry
    own: Documents
    others: Documents

    def probes(self) -> Iterator[Probe]:
        """Whatever a connection can name."""
        yield from self._tenants()
        for kind in kinds(self.registry):
            if kind.is_read_only:
                for listed in self.other.get(kind.endpoint).json["Resources"]:
                    yield from self._ids(kind, listed["id"])
                continue
            yield from self._ids(kind, self.others[kind.name]["id"])
            yield from self._queries(kind, self.others[kind.name])
            yield from self._cursors(kind)
        yield from self.writes()

    def writes(self) -> Iterator[Probe]:
        """What stands in the body of a write."""
        for kind in kinds(self.registry):
            if not kind.is_read_only:
                yield from self._bodies(kind, self.others[kind.name])
                yield from self._patches(kind, self.others[kind.name])
                yield from self._bulks(kind, self.others[kind.name])

    def me(self) -> Iterator[Probe]:
        """What a person's own token can name."""
        kind = self.registry.resource_type("User")
        there = self.others["User"]
        yield from self._ids(kind, there["id"])
        for body in ({"id": there["id"]}, {"meta": {"location": self._location(kind, there["id"])}}):
            yield self._sent("Me: body", "PUT", "/Me", {**filled(kind, "", {}), **body})
            yield self._sent("Me: PATCH", "PATCH", "/Me", _patch({"op": "replace", "value": body}))

    def _tenants(self) -> Iterator[Probe]:
        """The other tenant's own base address, for everything that there is below it."""
        paths = ["", "/Me", "/Bulk", "/.search", "/Schemas", "/ResourceTypes", "/ServiceProviderConfig", "/nothing"]
        for kind in kinds(self.registry):
            paths += [kind.endpoint, f"{kind.endpoint}/.search"]
        theirs = [f"{self.registry.resource_type(name).endpoint}/{each['id']}" for name, each in self.others.items()]
        for path in paths + theirs:
            for method in METHODS if path in theirs else ("GET", "POST"):
                address = f"/scim/{self.other.slug}/v2{path}"
                yield Probe(f"tenant: {method} {path}", self._request(method, address))

    def _ids(self, kind: ResourceType, their_id: str) -> Iterator[Probe]:
        path = f"{kind.endpoint}/{their_id}"
        body = {} if kind.is_read_only else filled(kind, "mine", {})
        for method in METHODS:
            sent = _patch({"op": "replace", "path": "externalId", "value": "x"}) if method == "PATCH" else body
            position = f"path: {method} {kind.endpoint}"
            if method in {"PUT", "PATCH", "POST"}:
                yield self._sent(position, method, path, sent)
                continue
            yield self._sent(position, method, path)
            yield self._sent(f"{position}, If-Match", method, path, headers=(("If-Match", 'W/"1"'),))
            yield self._sent(f"{position}, If-None-Match", method, path, headers=(("If-None-Match", "*"),))
        for spelt in (f"/{path}/", f"{path}?attributes=userName,id,meta", f"{path}/.search", f"{path.lower()}"):
            yield self._sent(f"path as {spelt.replace(their_id, 'ID')}", "GET", spelt)

    def _queries(self, kind: ResourceType, there: Mapping[str, Any]) -> Iterator[Probe]:
        """Filters for each of the values that the other tenant's resource has, and sorting by each attribute."""
        theirs = {path: text for path, text in leaves(kind, there) if path not in NOT_OWN}
        for path, text in theirs.items():
            position, asked = f"{kind.endpoint}: filter by {path}", f"{path} eq {json.dumps(text)}"
            yield self._sent(position, "GET", f"{kind.endpoint}?filter={quoted(asked)}&sortBy={quoted(path)}")
        for operator in ("eq", "co", "ge"):
            asked = " or ".join(f"{path} {operator} {json.dumps(text)}" for path, text in theirs.items())
            search = {"schemas": [SEARCH], "filter": asked, "attributes": list(theirs), "count": 1000}
            yield self._sent(f"{kind.endpoint}: search", "POST", f"{kind.endpoint}/.search", search)
            own = f'id {operator} "{there["id"]}" or externalId {operator} "{there["externalId"]}"'
            yield self._sent("filter over all types", "GET", f"/?filter={quoted(own)}")

    def _cursors(self, kind: ResourceType) -> Iterator[Probe]:
        """The next page of the other tenant's list, against what is no cursor of anybody's."""
        page = self.other.get(f"{kind.endpoint}?cursor&count=1").json
        if cursor := page.get("nextCursor"):
            nobodys = cursor[:-4] + ("AAAA" if cursor[-4:] != "AAAA" else "BBBB")
            request, twin = (self._path("GET", f"{kind.endpoint}?cursor={text}&count=1") for text in (cursor, nobodys))
            yield Probe(f"{kind.endpoint}: cursor", request, twin)

    def _bodies(self, kind: ResourceType, there: Mapping[str, Any]) -> Iterator[Probe]:
        mine, path = self.own[kind.name], f"{kind.endpoint}/{self.own[kind.name]['id']}"
        theirs = {"id": there["id"], "meta": there["meta"], "externalId": there["externalId"]}
        for name, value in theirs.items():
            fresh = {**filled(kind, f"new{name.lower()}", {}), name: value}
            yield self._sent(f"{kind.endpoint}: {name} in a POST", "POST", kind.endpoint, fresh)
            yield self._sent(f"{kind.endpoint}: {name} in a PUT", "PUT", path, {**mine, name: value})
        whole = {name: value for name, value in _sendable(kind, there).items() if name != "schemas"}
        yield self._sent(
            f"{kind.endpoint}: all in a POST", "POST", kind.endpoint, {**whole, "schemas": there["schemas"]}
        )
        yield self._sent(f"{kind.endpoint}: all in a PUT", "PUT", path, {**whole, "schemas": there["schemas"]})
        yield self._sent(f"{kind.endpoint}: all in a PATCH", "PATCH", path, _patch({"op": "add", "value": whole}))
        for name, value in _naming(kind, there):
            fresh = {**filled(kind, f"new{name.lower()}", {}), name: value}
            yield self._sent(f"{kind.endpoint}: {name} in a POST", "POST", kind.endpoint, fresh)
            for verb in ("add", "replace"):
                operation = {"op": verb, "path": name, "value": value}
                yield self._sent(f"{kind.endpoint}: {name} in a PATCH", "PATCH", path, _patch(operation))

    def _patches(self, kind: ResourceType, there: Mapping[str, Any]) -> Iterator[Probe]:
        """Values in the brackets of a path, and ids in the path's value."""
        path = f"{kind.endpoint}/{self.own[kind.name]['id']}"
        for name, text in dict(leaves(kind, there)).items():
            attribute, _, sub = name.rpartition(".")
            if name in NOT_OWN or sub not in {"value", "$ref", "display"} or ":" in sub:
                continue
            for operation in ({"op": "remove"}, {"op": "replace", "value": {sub: text}}):
                sent = _patch({**operation, "path": f"{attribute}[{sub} eq {json.dumps(text)}]"})
                yield self._sent(f"{kind.endpoint}: {name} in brackets", "PATCH", path, sent)
        for body in ({"id": there["id"]}, {"meta": {"location": self._location(kind, there["id"])}}):
            sent = _patch({"op": "replace", "value": body})
            yield self._sent(f"{kind.endpoint}: PATCH without a path", "PATCH", path, sent)

    def _bulks(self, kind: ResourceType, there: Mapping[str, Any]) -> Iterator[Probe]:
        path, body = f"{kind.endpoint}/{there['id']}", filled(kind, "bulk", {})
        operations: list[dict[str, Any]] = [
            {"method": "PUT", "path": path, "data": body},
            {"method": "PATCH", "path": path, "data": _patch({"op": "remove", "path": "externalId"})},
            {"method": "DELETE", "path": path},
            {"method": "DELETE", "path": path, "version": there["meta"]["version"]},
            {"method": "DELETE", "path": there["meta"]["location"]},
            {"method": "POST", "path": kind.endpoint, "bulkId": there["id"], "data": {**body, "id": there["id"]}},
            {"method": "POST", "path": kind.endpoint, "bulkId": "a", "data": {**body, **_reference(there["id"])}},
        ]
        for operation in operations:
            position = f"bulk: {operation['method']} {kind.endpoint}"
            yield self._sent(position, "POST", "/Bulk", {"schemas": [BULK], "Operations": [operation]})

    def _location(self, kind: ResourceType, their_id: str) -> str:
        return f"https://seats.example.com/scim/{self.other.slug}/v2{kind.endpoint}/{their_id}"

    def _sent(
        self, position: str, method: str, path: str, body: Any = None, headers: tuple[tuple[str, str], ...] = ()
    ) -> Probe:
        request = self._path(method, path, body)
        return Probe(position, replace(request, headers=request.headers + headers))

    def _path(self, method: str, path: str, body: Any = None) -> Request:
        return self._request(method, f"/scim/{self.client.slug}/v2{path}", body)

    def _request(self, method: str, address: str, body: Any = None) -> Request:
        path, _, query = address.partition("?")
        headers = [("Authorization", f"Bearer {self.client.token}")]
        if body is not None:
            headers.append(("Content-Type", "application/scim+json"))
        return Request(method, path, query, tuple(headers), b"" if body is None else json.dumps(body).encode())


def _sendable(kind: ResourceType, document: Mapping[str, Any]) -> dict[str, Any]:
    """The document without what no two tenants can have alike, because its schema wants it to be unique everywhere."""
    alone = {(urn, attribute.name) for urn, attribute in kind.attributes() if attribute.uniqueness == "global"}
    found = {name: value for name, value in document.items() if (None, name) not in alone}
    for extension in kind.extensions:
        urn = extension.schema.urn
        if urn in found:
            found[urn] = {name: value for name, value in document[urn].items() if (urn, name) not in alone}
    return found


def _naming(kind: ResourceType, document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The attributes of the document that point at resources, or must be unique in a tenant; by path."""
    for urn, attribute in kind.attributes():
        points = attribute.target_types or any(sub.target_types for sub in attribute.sub_attributes)
        value = (document if urn is None else document.get(urn, {})).get(attribute.name)
        if value is not None and (points or attribute.uniqueness == "server") and attribute.mutability != "readOnly":
            yield f"{urn}:{attribute.name}" if urn else attribute.name, value


def _reference(their_id: str) -> dict[str, Any]:
    """What names a resource of a bulk, wherever a type of resource has it."""
    named = {"value": f"bulkId:{their_id}"}
    return {"members": [named], ENTERPRISE: {"manager": named}}


def _patch(*operations: Mapping[str, Any]) -> dict[str, Any]:
    return {"schemas": [PATCH_OP], "Operations": list(operations)}
