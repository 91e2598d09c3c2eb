"""Resources of every type with something in every attribute that their schemas let a client write."""

import base64
from collections.abc import Iterator, Mapping
from typing import Any

from scim_server.protocol.schemas import Attribute, ResourceType

Ids = Mapping[str, str]
"""The id of a resource of each type, for attributes that name one."""

_FIXED: Mapping[str, Any] = {
    "boolean": True,
    "integer": 7,
    "decimal": 7.5,
    "dateTime": "2026-01-31T09:00:00Z",
}
_CATALOGUE = {"roles": [{"value": "admin"}], "entitlements": [{"value": "meeting"}]}
"""What nobody can have by any other name."""


def filled(kind: ResourceType, mark: str, ids: Ids) -> dict[str, Any]:
    """A body for a POST; its texts carry the mark, and the name of its type, as some must be unique among all."""
    mark = f"{mark}{kind.name.lower()}"
    body: dict[str, Any] = {"schemas": [kind.schema.urn]}
    for urn, attribute in kind.attributes():
        if not _is_writable(attribute) or attribute.name in {"schemas", "id", "meta", "password"}:
            continue
        value = _CATALOGUE.get(attribute.name) or _value(attribute, mark, ids)
        if value is None:
            continue
        if urn is None:
            body[attribute.name] = value
        else:
            body.setdefault(urn, {})[attribute.name] = value
            body["schemas"] = list(dict.fromkeys([*body["schemas"], urn]))
    return body


def leaves(kind: ResourceType, document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every text in a resource with the path that a filter calls it by."""
    for urn, attribute in kind.attributes():
        holder = document if urn is None else document.get(urn, {})
        prefix = "" if urn is None else f"{urn}:"
        for element in _elements(holder.get(attribute.name)):
            if isinstance(element, str):
                yield prefix + attribute.name, element
            elif isinstance(element, Mapping):
                texts = ((name, text) for name, text in element.items() if isinstance(text, str))
                yield from ((f"{prefix}{attribute.name}.{name}", text) for name, text in texts)


def _is_writable(attribute: Attribute) -> bool:
    return attribute.mutability not in {"readOnly", "writeOnly"}


def _elements(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _value(attribute: Attribute, mark: str, ids: Ids) -> Any:
    one = _complex(attribute, mark, ids) if attribute.is_complex else _simple(attribute, mark, ids)
    return None if one is None else [one] if attribute.multi_valued else one


def _complex(attribute: Attribute, mark: str, ids: Ids) -> dict[str, Any] | None:
    pointer = attribute.sub("$ref")
    if pointer is not None and pointer.target_types:
        named = next((ids[kind] for kind in pointer.target_types if kind in ids), None)
        return None if named is None else {"value": named}
    found = {sub.name: _value(sub, mark, ids) for sub in attribute.sub_attributes if _is_writable(sub)}
    return {name: value for name, value in found.items() if value is not None} or None


def _simple(attribute: Attribute, mark: str, ids: Ids) -> Any:
    if attribute.type in _FIXED:
        return _FIXED[attribute.type] if attribute.uniqueness == "none" else None
    if attribute.type == "binary":
        return base64.b64encode(mark.encode()).decode()
    if attribute.type == "reference":
        named = next((ids[kind] for kind in attribute.target_types if kind in ids), None)
        return None if attribute.target_types and named is None else named or f"https://x.test/{mark}{attribute.name}"
    return attribute.canonical_values[0] if attribute.canonical_values else f"{mark}{attribute.name}"
