"""What asynchronous requests, and what came of them, say of a deleted person."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import bindparam, select, tuple_, update

from scim_server.services.ports import Traces
from scim_server.store.namings import BLANK, names, names_in
from scim_server.store.scopes import Scope
from scim_server.store.seals import ASYNC_BODY
from scim_server.store.tables import async_requests, async_results

_AT_ONCE, _BODIES_AT_ONCE = 500, 20
"""Rows, and those among them whose texts may be as long as a request is."""


def blank_requests(scope: Scope, traces: Traces) -> int:
    """Blank those that wait and name the person, which then are not carried out, nor gone on with by whoever
    carries them out: what they say is sealed. What clients call requests goes of all that name the person."""
    table = async_requests.c
    mine = table.tenant_id == bindparam("tenant")
    told = list(_waiting_about(scope, traces))
    stopped: dict[Any, Any] = {table.body: "", table.headers: {}, table.holder: None, table.lease: None}
    scope.run_each(update(async_requests).where(mine, table.id == bindparam("of_request")).values(stopped), told)
    named = select(table.id, table.headers).where(mine, names_in(traces, table.headers))
    left = [{"of_request": row["id"], "left": _without_name(row["headers"])} for row in scope.rows(named)]
    renamed = {table.headers: bindparam("left", type_=table.headers.type)}
    scope.run_each(update(async_requests).where(mine, table.id == bindparam("of_request")).values(renamed), left)
    return len(told) + len(left)


def _waiting_about(scope: Scope, traces: Traces) -> Iterator[Mapping[str, str]]:
    """The keys of those that wait and say something of the person, a few bodies read at a time."""
    table = async_requests.c
    mine = table.tenant_id == bindparam("tenant")
    some = (
        select(table.id, table.body)
        .where(mine, table.finished.is_(None), table.body != "", table.id > bindparam("after"))
        .order_by(table.id)
        .limit(_BODIES_AT_ONCE)
    )
    after = ""
    while found := scope.rows(some, after=after):
        after = found[-1]["id"]
        for row in found:
            place = ASYNC_BODY.place(scope.tenant_id, row["id"])
            if names(traces.texts, scope.vault.open(row["body"], place)):
                yield {"of_request": row["id"]}


def blank_results(scope: Scope, traces: Traces) -> int:
    """Blank what was said of requests that failed, and what operations called the person, where it names them."""
    table = async_results.c
    mine = table.tenant_id == bindparam("tenant")
    some = (
        select(async_results)
        .where(
            mine,
            names_in(traces, table.data),
            tuple_(table.request_id, table.number) > tuple_(bindparam("after"), bindparam("behind")),
        )
        .order_by(table.request_id, table.number)
        .limit(_AT_ONCE)
    )
    this = (mine, table.request_id == bindparam("of_request"), table.number == bindparam("of_number"))
    told = update(async_results).where(*this).values(data=bindparam("told", type_=table.data.type))
    blanked, after, behind = 0, "", 0
    while found := scope.rows(some, after=after, behind=behind):
        after, behind = found[-1]["request_id"], found[-1]["number"]
        values = [
            {"of_request": row["request_id"], "of_number": row["number"], "told": _unnamed(row["data"], traces)}
            for row in found
        ]
        scope.run_each(told, values)
        blanked += len(values)
    return blanked


def _without_name(headers: Mapping[str, str]) -> dict[str, str]:
    """Without what the client calls the request; what it expects of the resource stays."""
    return {name: said for name, said in headers.items() if name != "X-Request-Id"}


def _unnamed(data: Mapping[str, Any], traces: Traces) -> dict[str, Any]:
    """What came of an operation, without why it failed, and without what names the person."""
    response = data.get("response")
    named = {name: None for name in ("bulk_id", "uri", "location") if names(traces.texts, data.get(name) or "")}
    return {**data, **named, "response": response and {**response, "detail": BLANK}}
