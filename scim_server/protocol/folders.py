"""Schemas as data: a folder of schema and resource type documents becomes the registries that a server runs on.

The folder is read once, at the start. Documents lie in it in any sub folders; those below `tenants/{slug}` belong
to that tenant alone, the others to all. Every fault is a sentence that names file and member, and none is passed over.
"""

import json
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scim_server.protocol.definitions import BadDocument, kind_of_document, read_resource_type, read_schema
from scim_server.protocol.registry import Registries, Registry, standard_registry
from scim_server.protocol.schemas import ResourceType

TENANTS = "tenants"

RESERVED = frozenset(
    {"asyncrequests", "bulk", "me", "schemas", "resourcetypes", "serviceproviderconfig", "roles", "entitlements"}
)
"""Endpoints, without slash, that the protocol and this server use for other things."""


class BadSchemas(Exception):
    """The folder cannot be used; `faults` are sentences, the first fault of each file."""

    def __init__(self, faults: Sequence[str]) -> None:
        more = len(faults) - 1
        super().__init__(faults[0] + (f" (And {more} more: `scim-server schema check` lists them.)" if more else ""))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Document:
    """A file with what it says; `kind` is "schema" or "resource type"."""

    file: str
    kind: str
    content: dict[str, Any]


def load_registries(folder: Path | None) -> Registries:
    """The registries of an installation. Raises BadSchemas; no folder means the schemas that the server ships."""
    if folder is None:
        return Registries(standard_registry())
    if not folder.is_dir():
        raise BadSchemas([f"There is no folder {folder}."])
    reading = _Reading(folder)
    shared = reading.extend(standard_registry(), [file for file in reading.files if _tenant(file) is None])
    slugs = sorted({slug for file in reading.files if (slug := _tenant(file)) is not None})
    own = {slug: reading.extend(shared, [file for file in reading.files if _tenant(file) == slug]) for slug in slugs}
    if reading.faults:
        raise BadSchemas(reading.faults)
    return Registries(shared, own)


def _tenant(file: str) -> str | None:
    """Whose file it is; None for everybody's."""
    parts = file.split("/")
    return parts[1] if parts[0] == TENANTS and len(parts) > 2 else None


class _Reading:
    """One reading of a folder. What has a fault is left out and noted, so that the other files are judged as well."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.faults: list[str] = []
        paths = (path.relative_to(folder) for path in sorted(folder.rglob("*.json")))
        self.files = [path.as_posix() for path in paths if not any(part.startswith(".") for part in path.parts)]

    def extend(self, registry: Registry, files: Iterable[str]) -> Registry:
        """`registry` with the documents in `files`."""
        documents = [document for file in files if (document := self._read(file)) is not None]
        schemas: dict[str, dict[str, Any]] = {}
        for document in documents:
            if document.kind == "schema" and self._passes(document.file, _schema_faults(document, registry, schemas)):
                schemas[document.content["id"].lower()] = document.content
        extended = registry.extended(schemas.values(), ())
        for document in documents:
            if document.kind != "schema" and self._passes(document.file, _resource_type_faults(document, extended)):
                extended = extended.extended((), [document.content])
        return extended

    def _read(self, file: str) -> Document | None:
        try:
            if file.startswith(f"{TENANTS}/") and _tenant(file) is None:
                raise BadDocument("", f"lies in {TENANTS}/ but in no tenant's folder, such as {TENANTS}/acme/")
            content = _parsed((self.folder / file).read_bytes())
            kind = kind_of_document(content)
            return Document(file, kind, read_schema(content) if kind == "schema" else read_resource_type(content))
        except OSError as error:
            self._passes(file, [f"cannot be read: {error.strerror}"])
        except BadDocument as fault:
            self._passes(file, [str(fault)])
        return None

    def _passes(self, file: str, faults: Iterable[str]) -> bool:
        fault = next(iter(faults), None)
        if fault is not None:
            self.faults.append(f"{file}: {fault.rstrip('.')}.")
        return fault is None


def _parsed(text: bytes) -> Any:
    """The JSON value of a file, in which no object names a member twice."""

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise BadDocument(twice, "named twice in one object")
        return dict(pairs)

    try:
        return json.loads(text.decode("utf-8"), object_pairs_hook=members)
    except UnicodeDecodeError as error:
        raise BadDocument("", f"not UTF-8: byte {error.start} fits no character") from error
    except json.JSONDecodeError as error:
        raise BadDocument("", f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from error
    except RecursionError as error:
        raise BadDocument("", "nested too deeply") from error


def _schema_faults(document: Document, registry: Registry, others: Container[str]) -> Iterator[str]:
    urn = document.content["id"]
    if urn.lower() in others or registry.schema(urn) is not None:
        yield f"id: the schema '{urn}' is there already; a URN names one schema"


def _resource_type_faults(document: Document, registry: Registry) -> Iterator[str]:
    """What keeps a resource type out of `registry`, which has all the schemas."""
    content = document.content
    for number, extension in enumerate(content["schemaExtensions"]):
        if registry.schema(extension["schema"]) is None:
            yield f"schemaExtensions[{number}].schema: no document describes '{extension['schema']}'"
    known = registry.resource_types.get(content["name"])
    yield from _newcomer_faults(content, registry) if known is None else _addition_faults(content, known)


def _newcomer_faults(content: Mapping[str, Any], registry: Registry) -> Iterator[str]:
    name = content["name"]
    for member in ("endpoint", "schema"):
        if member not in content:
            yield f"{member}: missing; only a document that adds extensions to a known resource type goes without"
    if registry.schema(content["schema"]) is None:
        yield f"schema: no document describes '{content['schema']}'"
    if content["schema"].lower() in {extension["schema"].lower() for extension in content["schemaExtensions"]}:
        yield f"schemaExtensions: '{content['schema']}' is the base schema and cannot extend itself"
    endpoint = content["endpoint"].lower()
    if endpoint[1:] in RESERVED:
        yield f"endpoint: '{content['endpoint']}' is the protocol's own; choose another one"
    for kind in registry.resource_types.values():
        if kind.endpoint.lower() == endpoint:
            yield f"endpoint: '{content['endpoint']}' is where {kind.name} is served; choose another one"
        if kind.name.lower() == name.lower():
            yield f"name: '{name}' differs from {kind.name} by letter case alone; choose another one"


def _addition_faults(content: Mapping[str, Any], known: ResourceType) -> Iterator[str]:
    """A document for a known resource type repeats what it says of it, or leaves that out."""
    said = {"endpoint": known.endpoint, "schema": known.schema.urn}
    for member, value in said.items():
        if content.get(member, value).lower() != value.lower():
            yield f"{member}: {known.name} has '{value}'; leave it out, or choose another name for a new resource type"
    present = {extension.schema.urn.lower(): extension.required for extension in known.extensions}
    for number, extension in enumerate(content["schemaExtensions"]):
        urn = extension["schema"].lower()
        if urn == known.schema.urn.lower():
            yield f"schemaExtensions[{number}].schema: '{extension['schema']}' is the base schema of {known.name}"
        if present.get(urn, extension["required"]) != extension["required"]:
            yield f"schemaExtensions[{number}].required: {known.name} has that extension, with another answer"
