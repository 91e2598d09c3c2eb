"""RFC 7644 section 3.4.2.3: `sortBy` and `sortOrder` in memory.

This is the reference: `store/sorting.py` says the same as ORDER BY and must give the same order.
"""

from collections.abc import Mapping
from typing import Any

from scim_server.protocol.errors import InvalidValue
from scim_server.protocol.paths import AttributePath, UnknownAttribute


def ordered(
    searches: Mapping[str, Mapping[str, Any]], path: AttributePath | None = None, ascending: bool = True
) -> list[str]:
    """The ids of `searches`, which holds each resource's copy made by `normalising.search_copy`, in order.

    Missing values come last ascending and first descending; ties, and all where there is no `path`, go by id.
    Raises InvalidValue where the path cannot be sorted by.
    """
    ids = sorted(searches)
    if path is None:
        return ids
    key = sortable(path)
    values = {resource_id: _leading(key, searches[resource_id]) for resource_id in ids}
    missing = [resource_id for resource_id in ids if values[resource_id] is None]
    present = [resource_id for resource_id in ids if values[resource_id] is not None]
    present.sort(key=values.__getitem__, reverse=not ascending)
    return present + missing if ascending else missing + present


def sortable(path: AttributePath) -> AttributePath:
    """The simple attribute that sorting by `path` compares: of a complex one its `value`. Raises InvalidValue."""
    try:
        leaf = path.leaf
    except UnknownAttribute as refused:
        raise InvalidValue(f"sortBy: {refused}; name one of its attributes.") from refused
    if "never" in (leaf.returned, path.attribute and path.attribute.returned):
        raise InvalidValue(f"sortBy: '{path}' is never returned and cannot be sorted by.")
    if not leaf.is_complex:
        return path
    value = leaf.sub("value")
    if value is None:
        raise InvalidValue(f"sortBy: '{path}' is complex; name one of its sub-attributes.")
    return AttributePath(path.urn, path.attribute, value)


def _leading(path: AttributePath, search: Mapping[str, Any]) -> Any:
    """The value at `path`, of lists the primary element's, else the first one's; None where it is missing."""
    value: Any = search
    for key in path.keys:
        value = _first(value.get(key)) if isinstance(value, Mapping) else None
    return value


def _first(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    primary = (element for element in value if isinstance(element, Mapping) and element.get("primary") is True)
    return next(primary, value[0] if value else None)
