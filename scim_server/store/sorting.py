"""RFC 7644 section 3.4.2.3: `sortBy` and `sortOrder` as ORDER BY, the same order on every database."""

from typing import Any

from sqlalchemy import ColumnElement, UnaryExpression

from scim_server.protocol.errors import InvalidFilter, InvalidValue
from scim_server.protocol.ordering import sortable
from scim_server.protocol.paths import AttributePath
from scim_server.store import expressions
from scim_server.store.columns import Columns, ElementPlace, ResourcePlace


def order_by(path: AttributePath, ascending: bool, columns: Columns) -> list[UnaryExpression[Any]]:
    """The ORDER BY terms for `path`, see `sort_key`; ties are the caller's to break, by id."""
    return [directed(sort_key(path, columns), rising=ascending)]


def directed(key: ColumnElement[Any], *, rising: bool) -> UnaryExpression[Any]:
    """`key` as an ORDER BY term; missing values come last where values rise and first where they fall."""
    if not is_nullable(key):
        return key.asc() if rising else key.desc()
    return key.asc().nulls_last() if rising else key.desc().nulls_first()


def is_nullable(key: ColumnElement[Any]) -> bool:
    """Whether a value may be missing. Sparing an index the question lets it give the order."""
    return bool(getattr(key, "nullable", True))


def sort_key(path: AttributePath, columns: Columns) -> ColumnElement[Any]:
    """What resources are compared by.

    A multi-valued attribute is ordered by its primary element, else its first; a complex one by its `value`. Raises
    InvalidValue where the path cannot be sorted by.
    """
    return _key(sortable(path), columns)


def _key(path: AttributePath, columns: Columns) -> ColumnElement[Any]:
    attribute = AttributePath(path.urn, path.attribute)
    try:
        if not attribute.leaf.multi_valued and not path.leaf.multi_valued:
            return ResourcePlace(columns).value(path)
    except InvalidFilter as refused:
        raise InvalidValue(f"sortBy: {refused.detail}") from refused
    if columns.lacks(attribute):
        raise InvalidValue(f"sortBy: '{path}' is kept apart from its resource and cannot be sorted by.")
    if not attribute.leaf.multi_valued:
        return ElementPlace(_leading(path, columns), innermost=True).value(path)
    return ElementPlace(_leading(attribute, columns)).value(path)


def _leading(path: AttributePath, columns: Columns) -> ColumnElement[Any]:
    primary = path.leaf.sub("primary") is not None
    return expressions.leading_at(columns.search, path.keys, primary=primary)
