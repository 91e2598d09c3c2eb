"""RFC 7644 sections 3.4.2 and 3.12: query parameters, list answers and errors."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scim_server.protocol.errors import InvalidValue
from scim_server.protocol.projection import refuse_both

LIST_RESPONSE = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"

DEFAULT_COUNT = 100
MAX_COUNT = 200

PARAMETERS = (
    "filter",
    "sortBy",
    "sortOrder",
    "startIndex",
    "count",
    "cursor",
    "attributes",
    "excludedAttributes",
)
"""The parameters of a query (RFC 7644 sections 3.4.2 and 3.9, RFC 9865)."""

_INTEGER = re.compile(r"[+-]?[0-9]{1,15}")
_ORDERS = ("ascending", "descending")


@dataclass(frozen=True, slots=True)
class Query:
    """What a client asks of a list. `start_index` counts from 1, `count` is 0 for totals alone."""

    filter: str | None = None
    start_index: int = 1
    count: int = DEFAULT_COUNT
    attributes: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    sort_by: str | None = None
    sort_order: str = "ascending"


def parse_query(args: Mapping[str, str]) -> Query:
    """The query in an address; unknown and empty parameters are ignored.

    A start below 1 is 1, a count below 0 is 0 (RFC 7644 tables 6 and 7), one above the maximum the maximum.
    Raises InvalidValue for what is no integer, no sort order, or both kinds of attribute list.
    """
    given = {name: value.strip() for name, value in args.items() if value.strip()}
    attributes = _names(given.get("attributes", ""))
    excluded = _names(given.get("excludedAttributes", ""))
    refuse_both(attributes, excluded)
    return Query(
        filter=given.get("filter"),
        start_index=max(1, _integer("startIndex", given.get("startIndex"), 1)),
        count=min(MAX_COUNT, max(0, _integer("count", given.get("count"), DEFAULT_COUNT))),
        attributes=attributes,
        excluded=excluded,
        sort_by=given.get("sortBy"),
        sort_order=_order(given.get("sortOrder", "ascending")),
    )


def list_response(resources: Sequence[Mapping[str, Any]], total: int, start_index: int = 1) -> dict[str, Any]:
    """A ListResponse with one page of `total` resources; `itemsPerPage` is how many the page has."""
    return {
        "schemas": [LIST_RESPONSE],
        "totalResults": total,
        "startIndex": start_index,
        "itemsPerPage": len(resources),
        "Resources": list(resources),
    }


def error_body(status: int, scim_type: str | None, detail: str) -> dict[str, Any]:
    """An Error message; its `status` is text (RFC 7644 section 3.12)."""
    body: dict[str, Any] = {"schemas": [ERROR], "status": str(status)}
    if scim_type is not None:
        body["scimType"] = scim_type
    return {**body, "detail": detail}


def _names(text: str) -> tuple[str, ...]:
    return tuple(name for part in text.split(",") if (name := part.strip()))


def _integer(name: str, text: str | None, default: int) -> int:
    if text is None:
        return default
    if not _INTEGER.fullmatch(text):
        raise InvalidValue(f"'{name}' must be an integer of at most 15 digits")
    return int(text)


def _order(text: str) -> str:
    if text.lower() not in _ORDERS:
        raise InvalidValue("'sortOrder' must be ascending or descending")
    return text.lower()
