"""RFC 7644 sections 3.4.2, 3.4.3 and 3.12: queries in addresses and messages, list answers and errors."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from scim_server.protocol.errors import InvalidCount, InvalidFilter, InvalidValue, ScimError
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
    """What a client asks of a list. `start_index` counts from 1, `count` is 0 for totals alone.

    `cursor` is None where pages go by index, "" on the first page of a walk by cursor (RFC 9865 section 2).
    `given` names those of startIndex and count that the client gave, as it may leave both to the server.
    """

    filter: str | None = None
    start_index: int = 1
    count: int = DEFAULT_COUNT
    attributes: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    sort_by: str | None = None
    sort_order: str = "ascending"
    cursor: str | None = None
    given: frozenset[str] = field(default=frozenset(), compare=False)


def parse_query(args: Mapping[str, str]) -> Query:
    """The query in an address; unknown and empty parameters are ignored.

    Not so an empty `cursor`, which begins a walk, and an empty `filter`, which raises InvalidFilter.

    A start below 1 is 1, a count below 0 is 0 (RFC 7644 tables 6 and 7), one above the maximum the maximum.
    Raises InvalidValue for what is no integer, no sort order, both kinds of attribute list, or a start beside a
    cursor; InvalidCount for a count beside a cursor that is no integer.
    """
    texts = {name.lower(): value.strip() for name, value in args.items() if name in PARAMETERS}
    given: dict[str, Any] = {name: text for name, text in texts.items() if text or name == "filter"}
    not_counted = InvalidValue if "cursor" not in texts else InvalidCount
    for name, refusal in (("startIndex", InvalidValue), ("count", not_counted)):
        if name.lower() in given:
            given[name.lower()] = _integer(name, given[name.lower()], refusal)
    for name in ("attributes", "excludedattributes"):
        given[name] = given.get(name, "").split(",")
    return _query({**given, "cursor": texts.get("cursor")})


def read_search(message: Mapping[str, Any]) -> Query:
    """The query in a decoded SearchRequest (RFC 7644 section 3.4.3): the rules of an address. Raises InvalidValue."""
    return _query({name.lower(): value for name, value in message.items()})


def _query(given: Mapping[str, Any]) -> Query:
    attributes, excluded = (_names(given.get(name, ())) for name in ("attributes", "excludedattributes"))
    refuse_both(attributes, excluded)
    cursor, start, count = (given.get(name) for name in ("cursor", "startindex", "count"))
    if cursor is not None and start is not None:
        raise InvalidValue("'cursor' and 'startIndex' are two ways to page; give one of them")
    sought: str | None = given.get("filter")
    if sought is not None and not sought.strip():
        raise InvalidFilter("The filter is empty: say what to find, or leave it out to get everything.")
    return Query(
        filter=sought,
        start_index=1 if start is None else max(1, start),
        count=DEFAULT_COUNT if count is None else min(MAX_COUNT, max(0, count)),
        attributes=attributes,
        excluded=excluded,
        sort_by=given.get("sortby") or None,
        sort_order=_order(given.get("sortorder") or "ascending"),
        cursor=cursor,
        given=frozenset(name for name, value in (("startIndex", start), ("count", count)) if value is not None),
    )


def list_response(
    resources: Sequence[Any], total: int, start_index: int = 1, cursors: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """A ListResponse with one page of `total` resources; `itemsPerPage` is how many the page has.

    `cursors` holds the nextCursor and previousCursor there are, on a page of a walk by cursor, which has no start.
    """
    return {
        "schemas": [LIST_RESPONSE],
        "totalResults": total,
        **({"startIndex": start_index} if cursors is None else cursors),
        "itemsPerPage": len(resources),
        "Resources": list(resources),
    }


def error_body(status: int, scim_type: str | None, detail: str) -> dict[str, Any]:
    """An Error message; its `status` is text (RFC 7644 section 3.12)."""
    body: dict[str, Any] = {"schemas": [ERROR], "status": str(status)}
    if scim_type is not None:
        body["scimType"] = scim_type
    return {**body, "detail": detail}


def _names(texts: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(name for text in texts if text and (name := text.strip()))


def _integer(name: str, text: str, refusal: type[ScimError]) -> int:
    if not _INTEGER.fullmatch(text):
        raise refusal(f"'{name}' must be an integer of at most 15 digits")
    return int(text)


def _order(text: str) -> str:
    if text.lower() not in _ORDERS:
        raise InvalidValue("'sortOrder' must be ascending or descending")
    return text.lower()
