"""RFC 7644 section 3.10: attribute notation, resolved against a resource type.

    attrPath = [URI ":"] ATTRNAME *1subAttr

A URN may contain dots and colons (`...core:2.0:User`), so the longest URN of a resource type is matched first.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from scim_server.protocol.schemas import Attribute, ResourceType

LONGEST_KEPT_NAME = 200
"""Characters of a name that is remembered with what it names; longer ones come from nobody who means well."""


class UnknownAttribute(ValueError):
    """The text names no attribute of the resource type. The caller says invalidFilter or invalidPath."""


@dataclass(frozen=True, slots=True)
class AttributePath:
    """An attribute of a resource type, and perhaps one of its sub-attributes.

    `urn` is the extension's URN, None for common and core attributes. `attribute` is None where the extension
    URN stands alone (a PATCH path).
    """

    urn: str | None
    attribute: Attribute | None
    sub: Attribute | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """Where the value lies in a document, outermost key first."""
        names = (part.name for part in (self.attribute, self.sub) if part is not None)
        return (*((self.urn,) if self.urn else ()), *names)

    @property
    def leaf(self) -> Attribute:
        """The innermost attribute: the sub-attribute where there is one."""
        leaf = self.sub or self.attribute
        if leaf is None:
            raise UnknownAttribute(f"'{self}' names an extension, not an attribute")
        return leaf

    def __str__(self) -> str:
        dotted = ".".join(part.name for part in (self.attribute, self.sub) if part is not None)
        return ":".join(part for part in (self.urn, dotted) if part)


def leaves(resource_type: ResourceType) -> Iterator[AttributePath]:
    """The paths to all values of a resource type: its simple attributes, and the sub-attributes of complex ones."""
    for urn, attribute in resource_type.attributes():
        if not attribute.sub_attributes:
            yield AttributePath(urn, attribute)
        for sub in attribute.sub_attributes:
            yield AttributePath(urn, attribute, sub)


def values_at(document: Mapping[str, Any], keys: Sequence[str]) -> Iterator[Any]:
    """The values that lie under `keys` in a document, those of every element where a list is on the way."""
    found: list[Any] = [document]
    for key in keys:
        inner = [each[key] for each in found if isinstance(each, Mapping) and key in each]
        found = [value for each in inner for value in (each if isinstance(each, list) else [each])]
    yield from found


def resolve(text: str, resource_type: ResourceType) -> AttributePath:
    """The path that `text` names, letter case ignored; raises UnknownAttribute.

    An attribute of an extension is named with its URN.
    """
    urn, rest = _split_urn(text, resource_type)
    if urn is not None and not rest:
        return AttributePath(urn, None)
    name, dot, sub_name = rest.partition(".")
    attribute = _find(urn, name, resource_type)
    if attribute is None:
        raise UnknownAttribute(f"'{text}' is not an attribute of {resource_type.name}")
    if not dot:
        return AttributePath(urn or None, attribute)
    sub = attribute.sub(sub_name)
    if sub is None:
        raise UnknownAttribute(f"'{text}': {attribute.name} of {resource_type.name} has no '{sub_name}'")
    return AttributePath(urn or None, attribute, sub)


def resolve_short(text: str, resource_type: ResourceType) -> AttributePath:
    """As `resolve`, but an attribute that one extension alone has may stand without its URN: `department`."""
    try:
        return resolve(text, resource_type)
    except UnknownAttribute:
        name = text.partition(".")[0]
        owners = [each.schema.urn for each in resource_type.extensions if each.schema.attribute(name)]
        if not owners:
            raise
    if len(owners) > 1:
        raise UnknownAttribute(f"'{text}' is an attribute of several schemas: write it as {owners[0]}:{text}, say")
    return resolve(f"{owners[0]}:{text}", resource_type)


def named(path: Any, resource_type: ResourceType) -> AttributePath | None:
    """What a key of a body or the path of an operation names, its value filter left out; None where that is nothing."""
    if not isinstance(path, str):
        return None
    head, bracket, rest = path.partition("[")
    name = head + rest.rpartition("]")[2] if bracket else path
    return _known(name, resource_type) if len(name) <= LONGEST_KEPT_NAME else _named(name, resource_type)


def _named(name: str, resource_type: ResourceType) -> AttributePath | None:
    try:
        return resolve(name.strip(), resource_type)
    except UnknownAttribute:
        return None


_known = lru_cache(maxsize=1024)(_named)


def _split_urn(text: str, resource_type: ResourceType) -> tuple[str | None, str]:
    """The known URN that `text` begins with ("" for the base schema's own) and what follows its colon."""
    lowered = text.lower()
    if not lowered.startswith("urn:"):
        return None, text
    schemas = (resource_type.schema, *(extension.schema for extension in resource_type.extensions))
    for schema in sorted(schemas, key=lambda known: len(known.urn), reverse=True):
        prefix = schema.urn.lower()
        if lowered == prefix or lowered.startswith(prefix + ":"):
            rest = text[len(prefix) + 1 :]
            if schema is not resource_type.schema:
                return schema.urn, rest
            if rest:
                return "", rest
            break
    raise UnknownAttribute(f"'{text}' begins with a URN that {resource_type.name} does not have")


def _find(urn: str | None, name: str, resource_type: ResourceType) -> Attribute | None:
    if not urn:
        return resource_type.attribute(name)
    schema = resource_type.extension(urn)
    return schema.attribute(name) if schema else None
