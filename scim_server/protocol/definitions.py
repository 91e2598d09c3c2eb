"""RFC 7643 sections 2.1, 2.2, 6 and 7: schema and resource type documents that somebody else wrote.

A document is read against the schema of schemas, or of resource types, under `schemas/core`: those say which
members there are, of which type, and which words each takes.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from scim_server.protocol.fields import TYPES, kind_of
from scim_server.protocol.registry import RESOURCE_TYPE_URN, SCHEMA_URN, standard_registry
from scim_server.protocol.schemas import Attribute

Kind = Literal["schema", "resource type"]

_SHAPES: Mapping[Kind, tuple[str, frozenset[str]]] = {
    "schema": (SCHEMA_URN, frozenset({"attributes"})),
    "resource type": (RESOURCE_TYPE_URN, frozenset({"endpoint", "schema", "schemaextensions"})),
}
"""By kind: the URN that says so, and the members that give it away where `schemas` is missing."""

_NEEDED: Mapping[str, tuple[str, ...]] = {
    "Schema": ("id", "attributes"),
    "ResourceType": ("name",),
    "attributes": ("name",),
    "subAttributes": ("name",),
    "schemaExtensions": ("schema",),
}
"""What cannot be left out; everything else has a default, or is another document's to say."""

_ATTRIBUTE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9$_-]*")
"""ATTRNAME = ALPHA *(nameChar); nameChar = "$" / "-" / "_" / DIGIT / ALPHA (RFC 7643 section 2.1)."""
_URN = re.compile(r"urn:[A-Za-z0-9][A-Za-z0-9-]{0,31}:[A-Za-z0-9()+,.:=@;$_!*'/%-]+", re.IGNORECASE)
_MESSAGES = "urn:ietf:params:scim:api:"
_ENDPOINT = re.compile(r"/[A-Za-z][A-Za-z0-9_-]*")
_TYPE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


class BadDocument(ValueError):
    """A document cannot be used. `member` says where in it, for example `attributes[2].type`."""

    def __init__(self, member: str, problem: str) -> None:
        super().__init__(f"{member}: {problem}" if member else problem)


def kind_of_document(document: Any) -> Kind:
    """Whether a document is a schema or a resource type: `schemas` says it, else its members do."""
    if not isinstance(document, Mapping):
        raise BadDocument("", f"expected a JSON object, got {kind_of(document)}")
    named = document.get("schemas")
    urns = {str(urn).lower() for urn in named} if isinstance(named, list) else set()
    members = {name.lower() for name in document}
    for kind, (urn, telling) in _SHAPES.items():
        if urn.lower() in urns or (not urns and members & telling):
            return kind
    raise BadDocument("schemas", f"neither a schema ({SCHEMA_URN}) nor a resource type ({RESOURCE_TYPE_URN})")


def read_schema(document: Mapping[str, Any]) -> dict[str, Any]:
    """A schema document with canonical member names. Raises BadDocument."""
    schema = _read_document(document, SCHEMA_URN, "Schema")
    _check_urn("id", schema["id"])
    if schema["id"].lower().startswith(_MESSAGES):
        raise BadDocument("id", f"'{schema['id']}' is the URN of a message, not of a schema")
    _check_attributes(schema["attributes"], "attributes")
    return {"name": schema["id"].rpartition(":")[2], **schema}


def read_resource_type(document: Mapping[str, Any]) -> dict[str, Any]:
    """A resource type document with canonical member names. Raises BadDocument."""
    kind = _read_document(document, RESOURCE_TYPE_URN, "ResourceType")
    if not _TYPE_NAME.fullmatch(kind["name"]):
        raise BadDocument("name", f"'{kind['name']}' is no name: a letter, then letters, digits, '-' and '_'")
    if "endpoint" in kind and not _ENDPOINT.fullmatch(kind["endpoint"]):
        raise BadDocument("endpoint", f"'{kind['endpoint']}' is no endpoint: one segment after a slash, as in /Devices")
    extensions = kind.setdefault("schemaExtensions", [])
    for number, extension in enumerate(extensions):
        extension.setdefault("required", False)
        if extension["schema"].lower() in {earlier["schema"].lower() for earlier in extensions[:number]}:
            raise BadDocument(f"schemaExtensions[{number}].schema", f"'{extension['schema']}' is named twice")
    return kind


def _read_document(document: Mapping[str, Any], urn: str, name: str) -> dict[str, Any]:
    schema = standard_registry().schema(urn)
    assert schema is not None
    described = {key: value for key, value in document.items() if key.lower() not in {"schemas", "meta"}}
    return _object(described, schema.attributes, name, "")


def _object(value: Any, attributes: Iterable[Attribute], name: str, where: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise BadDocument(where, f"expected an object, got {kind_of(value)}")
    known = {attribute.name.lower(): attribute for attribute in attributes}
    found: dict[str, Any] = {}
    for key, inner in value.items():
        member = f"{where}.{key}" if where else key
        attribute = known.get(key.lower())
        if attribute is None:
            raise BadDocument(member, f"unknown; expected {', '.join(each.name for each in known.values())}")
        if attribute.name in found:
            raise BadDocument(member, "given twice, if only in other letter case")
        found[attribute.name] = _value(inner, attribute, member)
    for needed in _NEEDED[name]:
        if needed not in found:
            raise BadDocument(f"{where}.{needed}" if where else needed, "missing")
    return found


def _value(value: Any, attribute: Attribute, where: str) -> Any:
    if not attribute.multi_valued:
        return _single(value, attribute, where)
    if not isinstance(value, list):
        raise BadDocument(where, f"expected a list, got {kind_of(value)}")
    return [_single(each, attribute, f"{where}[{number}]") for number, each in enumerate(value)]


def _single(value: Any, attribute: Attribute, where: str) -> Any:
    if attribute.is_complex:
        return _object(value, attribute.sub_attributes, attribute.name, where)
    fits, expected = TYPES[attribute.type]
    if not fits(value):
        raise BadDocument(where, f"expected {expected}, got {kind_of(value)}")
    if attribute.canonical_values and value not in attribute.canonical_values:
        raise BadDocument(where, f"'{value}' is none of {', '.join(attribute.canonical_values)}")
    return value


def _check_urn(member: str, text: str) -> None:
    if not _URN.fullmatch(text):
        raise BadDocument(member, f"'{text}' is no URN, such as urn:example:params:scim:schemas:2.0:Device")


def _check_attributes(definitions: list[dict[str, Any]], where: str) -> None:
    seen: set[str] = set()
    for number, definition in enumerate(definitions):
        member = f"{where}[{number}]"
        name = definition["name"]
        _check_name(name, f"{member}.name", within=where != "attributes")
        if name.lower() in seen:
            raise BadDocument(f"{member}.name", f"'{name}' is defined twice (letter case makes no difference)")
        seen.add(name.lower())
        for wrong, problem in _contradictions(definition):
            raise BadDocument(f"{member}.{wrong}", f"'{name}' {problem}")
        _check_attributes(definition.get("subAttributes", []), f"{member}.subAttributes")


def _check_name(name: str, member: str, *, within: bool) -> None:
    if not (_ATTRIBUTE_NAME.fullmatch(name) or (within and name == "$ref")):
        raise BadDocument(
            member,
            f"'{name}' is no attribute name: a letter, then letters, digits, '-', '_' and '$' (RFC 7643 section 2.1)",
        )
    common = {attribute.name.lower() for attribute in standard_registry().common}
    if not within and name.lower() in common:
        raise BadDocument(member, f"every resource has '{name}' already; leave it out (RFC 7643 section 3.1)")


def _contradictions(definition: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    kind = definition.get("type", "string")
    if (kind == "complex") != bool(definition.get("subAttributes")):
        yield "subAttributes", "needs them exactly where its type is complex"
    if kind in {"complex", "boolean"} and definition.get("uniqueness", "none") != "none":
        yield "uniqueness", f"cannot be unique: it is of type {kind}"
    if definition.get("referenceTypes") and kind != "reference":
        yield "referenceTypes", f"has none: it is of type {kind}"
    if definition.get("mutability") == "writeOnly" and definition.get("returned") in {"always", "request"}:
        yield "returned", "is writeOnly, so it is never returned"
