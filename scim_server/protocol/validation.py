"""RFC 7643 sections 2.2, 2.4 and 2.5: what a whole document must satisfy, and what counts as unassigned.

Types are the codec's business; here a document is judged as it would be stored.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import Any

from scim_server.protocol.errors import InvalidValue, Mutability
from scim_server.protocol.normalising import comparable, fold, normalised, username_key
from scim_server.protocol.paths import AttributePath
from scim_server.protocol.schemas import Attribute, ResourceType

MAX_INDEXED_LENGTH = 512
"""Characters in a text that the store indexes."""

MAX_ELEMENTS = 1000

MAX_INDEXED_BYTES = 2048
"""What an index entry of PostgreSQL holds beside its other columns; letters can grow when their case is folded."""

UNIQUE = frozenset({"server", "global"})
"""Degrees of uniqueness that the store keeps an index for."""

INDEXED = frozenset({("userName",), ("externalId",), ("displayName",), ("emails", "value")})

LABELS = frozenset({"type", "primary"})
"""Sub-attributes that only tell elements apart: an element left with nothing else holds no value."""


def settle(document: Mapping[str, Any], resource_type: ResourceType) -> dict[str, Any]:
    """`document` as it is stored: nothing unassigned, no (type, value) twice, `schemas` in order and true.

    Unassigned are null, an empty list, an object without assigned sub-attributes (RFC 7643 section 2.5), and
    an element of a list that holds nothing but its type and primary. An empty text is a value.
    """
    settled: dict[str, Any] = {"schemas": [resource_type.schema.urn]}
    for name, value in document.items():
        if name != "schemas" and (kept := _settled_member(name, value, resource_type)) is not None:
            settled[name] = kept
    settled["schemas"] += [
        extension.schema.urn for extension in resource_type.extensions if extension.schema.urn in settled
    ]
    return settled


def _settled_member(name: str, value: Any, resource_type: ResourceType) -> Any:
    extension = resource_type.extension(name)
    if extension is None:
        attribute = resource_type.attribute(name)
        return assigned(value) if attribute is None else settled_value(attribute, value)
    members = ((extension.attribute(inner), inner, held) for inner, held in (value or {}).items())
    kept = {
        inner: settled
        for attribute, inner, held in members
        if attribute is not None and (settled := settled_value(attribute, held)) is not None
    }
    return kept or None


def settled_value(attribute: Attribute, value: Any) -> Any:
    """One attribute's value as it is stored; None where nothing is left."""
    kept = assigned(value)
    if not attribute.multi_valued or not isinstance(kept, list):
        return kept
    if attribute.is_complex and not LABELS.issuperset(sub.name for sub in attribute.sub_attributes):
        kept = [element for element in kept if not LABELS.issuperset(element)]
    return _without_twins(attribute, kept) or None


def assigned(value: Any) -> Any:
    """`value` without its unassigned parts; None where nothing is left."""
    if isinstance(value, Mapping):
        parts = {name: kept for name, inner in value.items() if (kept := assigned(inner)) is not None}
        return parts or None
    if isinstance(value, list):
        return [kept for inner in value if (kept := assigned(inner)) is not None] or None
    return value


def _without_twins(attribute: Attribute, elements: list[Any]) -> list[Any]:
    """Elements of one identity become one, the later adding to the earlier (RFC 7643 section 2.4)."""
    if len(elements) == 1:
        return elements
    kept: dict[str, Any] = {}
    for element in elements:
        key = repr(_identity(attribute, element))
        if isinstance(element, Mapping) and key in kept:
            kept[key] = {**kept[key], **element}
        else:
            kept.setdefault(key, element)
    return list(kept.values())


def _identity(attribute: Attribute, element: Any) -> Any:
    """What makes an element the same as another: type and value, or all it holds where it has no value."""
    value = attribute.sub("value")
    if isinstance(element, Mapping) and value is not None and "value" in element:
        kind = attribute.sub("type")
        said = None if kind is None or "type" not in element else normalised(kind, element["type"])
        return said, normalised(value, element["value"])
    comparable = normalised(attribute, element)
    if not isinstance(comparable, Mapping):
        return comparable
    return sorted(comparable.items())


def check(document: Mapping[str, Any], resource_type: ResourceType, *, closed: bool = False) -> None:
    """Refuses, with InvalidValue, a settled document that could not be stored as a resource of its type.

    `closed` refuses values beside the canonical ones (RFC 7643 section 7) as well.
    """
    for extension in resource_type.extensions:
        if extension.required and extension.schema.urn not in document:
            raise InvalidValue(f"'{extension.schema.urn}' is required: every {resource_type.name} carries it")
    for path, value in _values(document, resource_type):
        _check_required(path, value)
        if value is not None:
            _check_number(path, value)
            _check_primary(path, value)
            _check_texts(path, value)
            if closed:
                _check_canonical(path, value)


def _values(document: Mapping[str, Any], resource_type: ResourceType) -> Iterator[tuple[AttributePath, Any]]:
    """Every attribute that keeps what a client writes, with its value; an extension's only where there is one."""
    for urn, attribute in resource_type.attributes():
        holder = document.get(urn) if urn else document
        written = attribute.mutability not in {"readOnly", "writeOnly"}
        if holder is not None and written and attribute.name != "schemas":
            yield AttributePath(urn, attribute), holder.get(attribute.name)


def _check_required(path: AttributePath, value: Any) -> None:
    if path.leaf.required and _is_empty(value):
        raise InvalidValue(f"{path} is required and must not be empty")
    required = [
        sub.name for sub in path.leaf.sub_attributes if sub.required and sub.mutability not in {"readOnly", "writeOnly"}
    ]
    for element in _elements(value):
        for name in required:
            if _is_empty(element.get(name)):
                raise InvalidValue(f"{path}.{name} is required and must not be empty")


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _elements(value: Any) -> Iterator[Mapping[str, Any]]:
    """The objects in a value: itself, or those of its list."""
    elements = value if isinstance(value, list) else [value]
    return (element for element in elements if isinstance(element, Mapping))


def _check_number(path: AttributePath, value: Any) -> None:
    """Elements are looked at one by one on every change. Lists that name resources are kept apart, and may be long."""
    if isinstance(value, list) and len(value) > MAX_ELEMENTS and not path.leaf.names_resources:
        raise InvalidValue(f"{path} has {len(value)} elements; at most {MAX_ELEMENTS} are possible")


def _check_primary(path: AttributePath, value: Any) -> None:
    if isinstance(value, list) and sum(element.get("primary") is True for element in _elements(value)) > 1:
        raise InvalidValue(f"{path}: 'primary' is true for more than one element; at most one may be primary")


def _texts(
    path: AttributePath, value: Any, concerns: Callable[[AttributePath], bool]
) -> Iterator[tuple[AttributePath, str]]:
    """The texts in a value and in its elements that lie where it concerns, each with its path."""
    subs = [AttributePath(path.urn, path.attribute, sub) for sub in path.leaf.sub_attributes]
    looked_at = [(leaf, leaf.leaf.name) for leaf in subs if concerns(leaf)]
    inner = (
        (leaf, element[name])
        for element in (_elements(value) if looked_at else ())
        for leaf, name in looked_at
        if name in element
    )
    for leaf, held in chain([(path, value)] if concerns(path) else [], inner):
        for text in held if isinstance(held, list) else (held,):
            if isinstance(text, str):
                yield leaf, text


def _check_texts(path: AttributePath, value: Any) -> None:
    for leaf, text in _texts(path, value, lambda leaf: _is_indexed(leaf) or leaf.leaf.comparison == "username"):
        _check_text(leaf, text)


def _check_canonical(path: AttributePath, value: Any) -> None:
    for leaf, text in _texts(path, value, lambda leaf: bool(leaf.leaf.canonical_values)):
        known = leaf.leaf.canonical_values
        if comparable(leaf.leaf, text) not in {comparable(leaf.leaf, each) for each in known}:
            raise InvalidValue(f"{leaf}: '{text[:100]}' is none of {', '.join(known)}")


def _is_indexed(path: AttributePath) -> bool:
    return path.keys in INDEXED or path.leaf.uniqueness in UNIQUE


def _check_text(path: AttributePath, text: str) -> None:
    indexed = _is_indexed(path)
    if indexed and len(text) > MAX_INDEXED_LENGTH:
        raise InvalidValue(f"{path} has {len(text)} characters; at most {MAX_INDEXED_LENGTH} are possible")
    if indexed and len(fold(text).encode()) > MAX_INDEXED_BYTES:
        raise InvalidValue(f"{path} is too long for its script: at most {MAX_INDEXED_BYTES} bytes are possible")
    if path.leaf.comparison == "username":
        try:
            username_key(text)
        except ValueError as refused:
            raise InvalidValue(
                f"{path} holds what no user name may hold, such as a blank or an invisible letter (RFC 8265)"
            ) from refused


def check_immutable(before: Mapping[str, Any], after: Mapping[str, Any], resource_type: ResourceType) -> None:
    """Refuses, with Mutability, a change of an immutable value that was set (RFC 7643 section 2.2).

    A value left out counts as changed. Elements of a list may come and go whatever is immutable within them,
    unless the list itself is.
    """
    earlier = dict(_immutable_values(before, resource_type))
    later = dict(_immutable_values(after, resource_type))
    for name, value in earlier.items():
        if value is not None and later.get(name) != value:
            raise Mutability(f"{name} is immutable: once set, it can be neither changed nor removed")


def _immutable_values(document: Mapping[str, Any], resource_type: ResourceType) -> Iterator[tuple[str, Any]]:
    for path, value in _values(document, resource_type):
        for leaf, held in [(path, value), *_single_subs(path, value)]:
            if leaf.leaf.mutability == "immutable":
                yield str(leaf), normalised(leaf.leaf, held)


def _single_subs(path: AttributePath, value: Any) -> Iterator[tuple[AttributePath, Any]]:
    held = value if isinstance(value, Mapping) else {}
    for sub in path.leaf.sub_attributes:
        yield AttributePath(path.urn, path.attribute, sub), held.get(sub.name)
