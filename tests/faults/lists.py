"""Faults of sorting and paging (RFC 7644 sections 3.4.2.3 and 3.4.2.4), queries by POST, and projection (3.9)."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import orjson

from scim_server.http import routes, views
from scim_server.protocol import messages, projection
from scim_server.protocol.errors import InvalidValue
from scim_server.protocol.messages import DEFAULT_COUNT, Query, list_response
from scim_server.protocol.paths import AttributePath
from scim_server.resources import searches
from scim_server.resources.operations import Operations
from scim_server.resources.searches import Searches
from scim_server.store import expressions, pages, sorting
from scim_server.store.tables import users
from tests.faults.catalogue import SQL, Area, Patch
from tests.faults.mutations import alter_answer, replace_function, wrap_method

sort = Area("sorting")
page = Area("paging")
shown = Area("projection")
search = Area("searching")


@sort.fault(
    "missing-at-wrong-end",
    "Missing values come first ascending and last descending.",
    "sort.missing-last sort.missing-first cursor.sorted-missing",
    databases=SQL,
)
def missing_at_wrong_end(patch: Patch) -> None:
    replace_function(
        patch,
        sorting.directed,
        lambda key, *, rising: key.asc().nulls_first() if rising else key.desc().nulls_last(),
    )


@sort.fault("by-bytes", "Sorting obeys letter case though caseExact is false.", "sort.user-name", databases=SQL)
def by_bytes(patch: Patch) -> None:
    def key(original: Any, path: AttributePath, columns: Any) -> Any:
        if path.keys != ("userName",):
            return original(path, columns)
        return expressions.text_at(users.c.document, ("userName",))

    original = sorting.sort_key
    replace_function(patch, original, lambda path, columns: key(original, path, columns))


@sort.fault(
    "first-not-primary", "A list is sorted by its first element, not its primary one.", "sort.list", databases=SQL
)
def first_not_primary(patch: Patch) -> None:
    original = expressions.leading_at
    patch.setattr(expressions, "leading_at", lambda holder, keys, *, primary: original(holder, keys, primary=False))


def _query(patch: Patch, alter: Any) -> None:
    """Read queries otherwise, in addresses as in messages; `alter` gets the query and what the client gave."""
    original = messages._query
    patch.setattr(messages, "_query", lambda given: alter(original(given), given))


@sort.fault("descending-ignored", "sortOrder is ignored.", "sort.descending sort.missing-first cursor.sorted")
def descending_ignored(patch: Patch) -> None:
    _query(patch, lambda query, given: replace(query, sort_order="ascending"))


@sort.fault("unsorted", "sortBy is ignored.", "sort.user-name sort.ascending sort.part")
def unsorted(patch: Patch) -> None:
    _query(patch, lambda query, given: replace(query, sort_by=None))


@page.fault("start-zero-refused", "A startIndex below 1 is refused.", "page.zero-start page.negative-start")
def start_zero_refused(patch: Patch) -> None:
    def alter(query: Query, given: Any) -> Query:
        if given.get("startindex") is not None and given["startindex"] < 1:
            raise InvalidValue("'startIndex' must be at least 1")
        return query

    _query(patch, alter)


@page.fault("start-from-zero", "The first resource has index 0.", "page.walk page.last")
def start_from_zero(patch: Patch) -> None:
    alter_answer(patch, searches._by_index, lambda window: replace(window, skipped=window.skipped + 1))


@page.fault("count-zero-default", "count 0 means the default.", "page.zero-count cursor.zero-count")
def count_zero_default(patch: Patch) -> None:
    _query(patch, lambda query, given: query if query.count else replace(query, count=DEFAULT_COUNT))


@page.fault("count-negative-refused", "A negative count is refused.", "page.negative-count")
def count_negative_refused(patch: Patch) -> None:
    def alter(query: Query, given: Any) -> Query:
        if (given.get("count") or 0) < 0:
            raise InvalidValue("'count' must not be negative")
        return query

    _query(patch, alter)


@page.fault("count-ignored", "count is ignored.", "page.first page.zero-count search.paged cursor.first")
def count_ignored(patch: Patch) -> None:
    _query(patch, lambda query, given: replace(query, count=DEFAULT_COUNT))


@page.fault("items-asked-for", "itemsPerPage is the size asked for.", "page.last")
def items_asked_for(patch: Patch) -> None:
    def found(original: Any, service: Any, caller: Any, kind: Any, query: Query, **named: Any) -> Any:
        return {**original(service, caller, kind, query, **named), "itemsPerPage": query.count}

    wrap_method(patch, Searches, "find", found)


@page.fault("total-of-page", "totalResults counts the page alone.", "query.total page.first page.past-end")
def total_of_page(patch: Patch) -> None:
    alter_answer(patch, list_response, lambda body: {**body, "totalResults": body["itemsPerPage"]})


@page.fault("start-not-echoed", "startIndex is always answered as 1.", "page.middle page.last")
def start_not_echoed(patch: Patch) -> None:
    alter_answer(patch, list_response, lambda body: {**body, "startIndex": 1})


@page.fault("totals-as-text", "The counters of a list are texts.", "page.whole-numbers query.list-response")
def totals_as_text(patch: Patch) -> None:
    alter_answer(patch, list_response, lambda body: {**body, "totalResults": str(body["totalResults"])})


@page.fault("order-turns", "Pages after the first have another order.", "page.walk", databases=SQL)
def order_turns(patch: Patch) -> None:
    def paged(original: Any, branches: Any, window: Any) -> Any:
        turned = [replace(each, order=replace(each.order, forward=not window.skipped)) for each in branches]
        return original(turned, window)

    wrap_method(patch, pages, "_page", paged)


@search.fault("root-of-users", "A query at the base address knows users alone.", "root.spans-types search.root")
def root_of_users(patch: Patch) -> None:
    def found(original: Any, service: Any, caller: Any, kind: Any, query: Query, **named: Any) -> Any:
        return original(service, caller, kind or caller.registry.resource_type("User"), query, **named)

    wrap_method(patch, Searches, "find", found)


@search.fault("body-ignored", "The query in a search's body is ignored.", "search.users search.like-get search.paged")
def body_ignored(patch: Patch) -> None:
    replace_function(patch, messages.read_search, lambda message: Query())


@search.fault("by-get", "A search can be read by GET.", "search.only-post")
def by_get(patch: Patch) -> None:
    original = routes.views_of_search
    patch.setattr(
        routes,
        "views_of_search",
        lambda exchange, kind: {"GET": lambda: views._find(exchange, kind), **original(exchange, kind)},
    )


@shown.fault("always-excluded", "What is always returned can be excluded.", "project.excluded-always")
def always_excluded(patch: Patch) -> None:
    def is_shown(original: Any, path: AttributePath, named: Any, hidden: Any, *, by_name: bool) -> bool:
        return not hidden.cover(path.keys) and original(path, named, hidden, by_name=by_name)

    wrap_method(patch, projection, "_is_shown", is_shown)


@shown.fault(
    "always-left-out",
    "With `attributes`, id and schemas are shown only when named.",
    "project.attributes-one project.put",
)
def always_left_out(patch: Patch) -> None:
    def is_shown(original: Any, path: AttributePath, named: Any, hidden: Any, *, by_name: bool) -> bool:
        return original(path, named, hidden, by_name=by_name) and (not by_name or named.cover(path.keys))

    wrap_method(patch, projection, "_is_shown", is_shown)


@shown.fault(
    "parts-ignored",
    "A sub-attribute that is named stands for its whole attribute.",
    "project.part project.list-part project.excluded-part",
)
def parts_ignored(patch: Patch) -> None:
    def resolved(original: Any, names: Any, kind: Any) -> Any:
        return [AttributePath(path.urn, path.attribute) for path in original(names, kind)]

    wrap_method(patch, projection, "_resolved", resolved)


@shown.fault("both-taken", "`attributes` and `excludedAttributes` are taken together.", "project.both")
def both_taken(patch: Patch) -> None:
    replace_function(patch, projection.refuse_both, lambda attributes, excluded: None)


@shown.fault(
    "unprojected-lists", "Projection does not hold for lists.", "project.list project.list-excluded search.projection"
)
def unprojected_lists(patch: Patch) -> None:
    original = searches.project
    patch.setattr(searches, "project", lambda document, kind, *names: original(document, kind))


@shown.fault(
    "unprojected-writes",
    "Projection does not hold for the answers to writing.",
    "create.projection create.excluded-attributes project.put project.patch",
)
def unprojected_writes(patch: Patch) -> None:
    def write(original: Any, service: Any, caller: Any, reason: str, kind: Any, step: Any, query: Any) -> Any:
        return original(service, caller, reason, kind, step, query and Query())

    wrap_method(patch, Operations, "_write", write)


@shown.fault("lists-without-meta", "Resources in lists have no meta.", "common.location-stable query.representation")
def lists_without_meta(patch: Patch) -> None:
    original = searches.list_response

    def listed(resources: Sequence[Any], *given: Any) -> dict[str, Any]:
        read = orjson.loads(orjson.dumps(resources))
        return original([{name: value for name, value in each.items() if name != "meta"} for each in read], *given)

    patch.setattr(searches, "list_response", listed)


@shown.fault(
    "excluded-ignored", "excludedAttributes is ignored.", "project.excluded project.members-excluded search.excluded"
)
def excluded_ignored(patch: Patch) -> None:
    _query(patch, lambda query, given: replace(query, excluded=()))


@shown.fault(
    "extension-by-bare-name",
    "An extension cannot be asked for by its URN.",
    "project.extension project.excluded-extension",
)
def extension_by_bare_name(patch: Patch) -> None:
    def resolved(original: Any, names: Any, kind: Any) -> Any:
        return [path for path in original(names, kind) if path.attribute is not None]

    wrap_method(patch, projection, "_resolved", resolved)
