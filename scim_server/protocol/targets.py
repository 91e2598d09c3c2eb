"""RFC 7644 section 3.5.2, figure 7: the `path` of a PATCH operation.

PATH = attrPath / valuePath [subAttr]
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from scim_server.protocol.errors import InvalidFilter, InvalidPath
from scim_server.protocol.filters import Filter, Or, Reader
from scim_server.protocol.grammar import MAX_LENGTH, MAX_TERMS, SyntaxFault, parse
from scim_server.protocol.literals import Constant
from scim_server.protocol.paths import AttributePath, UnknownAttribute, resolve
from scim_server.protocol.schemas import Attribute, ResourceType

_TERM = r'value [Ee][Qq] "[\x20-\x21\x23-\x5b\x5d-\x7e]*"'
_BY_VALUE = re.compile(rf"([A-Za-z0-9]+)\[({_TERM}(?: or {_TERM})*)\]")
"""`members[value eq "..." or value eq "..."]`, which groups are changed with by the thousand."""
_LITERAL = re.compile('"([^"]*)"')
_POSITION = re.compile(r"\[\s*(-?[0-9]+|\])")


@dataclass(frozen=True, slots=True)
class Target:
    """What a PATCH operation acts on.

    With a `filter`, the elements of the multi-valued `path` that satisfy it (`path.sub` is None then), or their
    sub-attribute `sub`. Without, the value at `path`; a whole extension where `path.attribute` is None.
    """

    path: AttributePath
    filter: Filter | None = None
    sub: Attribute | None = None


def parse_target(text: str, resource_type: ResourceType) -> Target:
    """The target that a path names. Raises InvalidPath; InvalidFilter for what stands between brackets."""
    if len(text) > MAX_LENGTH:
        raise InvalidPath(f"The path is longer than {MAX_LENGTH:,} characters.")
    if "[" not in text:
        return Target(_resolve(text.strip(), resource_type))
    if found := _BY_VALUE.fullmatch(text):
        values = _LITERAL.findall(found.group(2))
        if len(values) <= MAX_TERMS:
            return _by_value(found.group(1), values, resource_type)
    return _bracketed(text, resource_type)


def _by_value(name: str, values: Sequence[str], resource_type: ResourceType) -> Target:
    path = _elements(name, resource_type)
    reader = Reader(resource_type, path)
    terms = tuple(reader.compare("value", "eq", Constant(value, value)) for value in values)
    return Target(path, terms[0] if len(terms) == 1 else Or(terms))


def _bracketed(text: str, resource_type: ResourceType) -> Target:
    if _POSITION.search(text) and '"' not in text:
        raise InvalidPath(
            f"'{_short(text)}': elements have no positions; choose them by a filter such as [type eq \"work\"]."
        )
    try:
        bracket = parse(text, start="path").attr_name
    except SyntaxFault as fault:
        refusal = InvalidFilter if fault.within else InvalidPath
        raise refusal(f"The path '{_short(text)}' cannot be read: {fault}.") from fault
    path = _elements(bracket.namespace.attr_name, resource_type)
    sub = bracket.namespace.sub_attr
    return Target(
        path,
        Reader(resource_type, path).read(bracket.expr),
        None if sub is None else _sub(path, sub.value),
    )


def _elements(name: str, resource_type: ResourceType) -> AttributePath:
    """The multi-valued attribute before a bracket."""
    path = _resolve(name, resource_type)
    if path.attribute is None or path.sub is not None or not path.attribute.multi_valued:
        raise InvalidPath(f"'{path}' is not multi-valued, so it takes no brackets; leave them out.")
    return path


def _sub(path: AttributePath, name: str) -> Attribute:
    sub = path.leaf.sub(name)
    if sub is None:
        raise InvalidPath(f"'{path}' has no sub-attribute '{name}'; see /Schemas for the names.")
    return sub


def _resolve(name: str, resource_type: ResourceType) -> AttributePath:
    try:
        return resolve(name, resource_type)
    except UnknownAttribute as unknown:
        raise InvalidPath(f"The path {_short(str(unknown))}; see /Schemas for the names.") from unknown


def _short(text: str) -> str:
    return text if len(text) <= 120 else text[:120] + "..."
