"""The schemas and resource types this server runs on, built once from the documents under `schemas/`."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from scim_server.protocol.schemas import CASE_EXACT_TYPES, Attribute, ResourceType, Schema, SchemaExtension

COMMON_URN = "urn:scim-server:schemas:core:2.0:Common"
"""The document that lists the attributes every resource has (RFC 7643 section 3.1); never served."""

SCHEMA_URN = "urn:ietf:params:scim:schemas:core:2.0:Schema"
"""The schema of schemas."""

NESTING = frozenset({SCHEMA_URN, "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"})
"""In these alone a complex attribute holds a complex one: RFC 7643 section 8.7.2, and `RolesAndEntitlements`."""

RESOURCE_TYPE_URN = "urn:ietf:params:scim:schemas:core:2.0:ResourceType"


@dataclass(frozen=True)
class Registry:
    """Finds schemas by URN and resource types by name or endpoint, letter case of URNs ignored.

    `common` are the attributes that every resource has.
    """

    schemas: Mapping[str, Schema]
    messages: Mapping[str, Schema]
    resource_types: Mapping[str, ResourceType]
    common: tuple[Attribute, ...]

    def schema(self, urn: str) -> Schema | None:
        """The schema with that URN."""
        return self.schemas.get(urn.lower())

    def resource_type(self, name: str) -> ResourceType:
        """The resource type of that name; KeyError where there is none."""
        return self.resource_types[name]

    @cached_property
    def _by_endpoint(self) -> Mapping[str, ResourceType]:
        return {kind.endpoint: kind for kind in self.resource_types.values()}

    def at(self, endpoint: str) -> ResourceType | None:
        """The resource type served at `endpoint`, for example `/Users`."""
        return self._by_endpoint.get(endpoint)

    def extended(self, schemas: Iterable[Mapping[str, Any]], resource_types: Iterable[Mapping[str, Any]]) -> "Registry":
        """This registry with further schemas and resource types.

        A resource type of a name that is known adds its extensions to that one. The documents must be sound and fit
        each other, as `folders` sees to.
        """
        by_urn = {**self.schemas, **{schema.urn.lower(): schema for schema in map(schema_of, schemas)}}
        kinds = dict(self.resource_types)
        for document in resource_types:
            known = kinds.get(document["name"])
            kinds[document["name"]] = (
                _resource_type_of(document, by_urn, self.common)
                if known is None
                else _with_extensions(known, document, by_urn)
            )
        return replace(self, schemas=by_urn, resource_types=kinds)


@dataclass(frozen=True)
class Registries:
    """The registry of each tenant: the installation's, unless the tenant has schemas of its own."""

    shared: Registry
    own: Mapping[str, Registry] = field(default_factory=dict)

    def of(self, slug: str) -> Registry:
        """The registry of the tenant of that slug."""
        return self.own.get(slug, self.shared)

    def all(self) -> list[Registry]:
        """Every registry there is."""
        return [self.shared, *self.own.values()]


@cache
def standard_registry() -> Registry:
    """The registry of the documents this distribution ships."""
    root = files("scim_server.schemas")
    return build(
        schemas=[*_documents(root / "core"), *_documents(root / "extension")],
        messages=_documents(root / "messages"),
        resource_types=_documents(root / "resource_types"),
    )


def build(
    schemas: Iterable[Mapping[str, Any]],
    messages: Iterable[Mapping[str, Any]],
    resource_types: Iterable[Mapping[str, Any]],
) -> Registry:
    """A registry of parsed documents. Raises ValueError where a document breaks the schema language."""
    by_urn = {schema.urn.lower(): schema for schema in map(schema_of, schemas)}
    common = by_urn.pop(COMMON_URN.lower())
    kinds = [_resource_type_of(document, by_urn, common.attributes) for document in resource_types]
    return Registry(
        schemas=by_urn,
        messages={schema.name: schema for schema in map(schema_of, messages)},
        resource_types={kind.name: kind for kind in kinds},
        common=common.attributes,
    )


def schema_of(document: Mapping[str, Any]) -> Schema:
    """The schema that a document of RFC 7643 section 7 describes."""
    attributes = tuple(attribute_of(attribute) for attribute in document["attributes"])
    if document["id"] not in NESTING:
        _refuse_nesting(attributes)
    return Schema(
        urn=document["id"],
        name=document["name"],
        description=document.get("description", ""),
        attributes=attributes,
        document=document,
    )


def _refuse_nesting(attributes: Iterable[Attribute]) -> None:
    for attribute in attributes:
        if any(sub.is_complex for sub in attribute.sub_attributes):
            raise ValueError(f"{attribute.name}: a complex attribute holds no complex one (RFC 7643 section 2.3.8)")


def attribute_of(definition: Mapping[str, Any]) -> Attribute:
    """The attribute that a definition describes; what is left out takes its default (section 2.2)."""
    kind = definition.get("type", "string")
    return Attribute(
        name=definition["name"],
        type=kind,
        multi_valued=definition.get("multiValued", False),
        description=definition.get("description", ""),
        required=definition.get("required", False),
        canonical_values=tuple(definition.get("canonicalValues", ())),
        case_exact=kind in CASE_EXACT_TYPES or definition.get("caseExact", False),
        mutability=definition.get("mutability", "readWrite"),
        returned=definition.get("returned", "default"),
        uniqueness=definition.get("uniqueness", "none"),
        reference_types=tuple(definition.get("referenceTypes", ())),
        sub_attributes=tuple(attribute_of(sub) for sub in definition.get("subAttributes", ())),
    )


def _resource_type_of(
    document: Mapping[str, Any], by_urn: Mapping[str, Schema], common: tuple[Attribute, ...]
) -> ResourceType:
    return ResourceType(
        name=document["name"],
        endpoint=document["endpoint"],
        description=document.get("description", ""),
        schema=by_urn[document["schema"].lower()],
        extensions=_extensions_of(document, by_urn),
        common=common,
        document=document,
        listed=document.get("listed", True),
    )


def _extensions_of(document: Mapping[str, Any], by_urn: Mapping[str, Schema]) -> tuple[SchemaExtension, ...]:
    return tuple(
        SchemaExtension(by_urn[extension["schema"].lower()], extension["required"], extension.get("listed", True))
        for extension in document.get("schemaExtensions", ())
    )


def _with_extensions(kind: ResourceType, document: Mapping[str, Any], by_urn: Mapping[str, Schema]) -> ResourceType:
    added = (each for each in _extensions_of(document, by_urn) if kind.extension(each.schema.urn) is None)
    return replace(kind, extensions=(*kind.extensions, *added))


def _documents(folder: Traversable) -> list[dict[str, Any]]:
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".json"))
    return [json.loads((folder / name).read_text(encoding="utf-8")) for name in names]
