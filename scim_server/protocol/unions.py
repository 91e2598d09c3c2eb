"""RFC 7644 section 3.4.2.1: one query over resources of several types."""

from collections.abc import Sequence
from typing import Any

from scim2_filter_parser import ast

from scim_server.protocol.errors import InvalidFilter, InvalidValue
from scim_server.protocol.filters import EQUALITY, Filter, Never, Not, Reader, syntax_of
from scim_server.protocol.paths import AttributePath, UnknownAttribute, resolve
from scim_server.protocol.schemas import ResourceType


def filters_of(text: str | None, kinds: Sequence[ResourceType]) -> list[Filter | None]:
    """What a filter means for each of the types; None where there is no filter.

    A term that one type cannot read and another can is about an attribute that the first lacks: it counts as unset
    there. Raises InvalidFilter where no type can read a term.
    """
    if text is None:
        return [None for _ in kinds]
    syntax = syntax_of(text)
    readers = [_Reader(kind) for kind in kinds]
    for reader in readers:
        reader.others = [other for other in readers if other is not reader]
    return [reader.read(syntax) for reader in readers]


def sort_paths_of(text: str | None, kinds: Sequence[ResourceType]) -> list[AttributePath | None]:
    """Where each of the types has the attribute to sort by; None where it lacks it, so that its value is missing.

    Raises InvalidValue where no type has it.
    """
    paths = [_path(text, kind) for kind in kinds]
    if text is not None and not any(paths):
        names = " or ".join(kind.name for kind in kinds)
        raise InvalidValue(f"sortBy: '{text[:100]}' is not an attribute of {names}; /Schemas has the names.")
    return paths


def _path(text: str | None, kind: ResourceType) -> AttributePath | None:
    try:
        return None if text is None else resolve(text, kind)
    except UnknownAttribute:
        return None


class _Reader(Reader):
    """Reads for one type beside `others`."""

    others: Sequence["_Reader"] = ()

    def term(self, node: Any) -> Filter:
        try:
            return super().term(node)
        except InvalidFilter:
            if not any(other.knows(node) for other in self.others):
                raise
        return Not(Never()) if _holds_where_missing(node) else Never()

    def knows(self, node: Any) -> bool:
        """Whether this type can read the term."""
        try:
            super().term(node)
        except InvalidFilter:
            return False
        return True


def _holds_where_missing(node: Any) -> bool:
    """Whether the term is `ne` a value, or `eq null`: what a missing value satisfies."""
    if isinstance(node, ast.Filter) or isinstance(node.attr_path.attr_name, ast.Filter):
        return False
    operator = node.value.lower()
    if operator not in EQUALITY:
        return False
    is_null = node.comp_value.value.value is None
    return bool(is_null == (operator == "eq"))
