"""RFC 9967 section 2.5.1.1: requests that are checked and kept at once, answered 202, and carried out later."""

from collections.abc import Callable, Mapping

from flask import Response

from scim_server.domain.async_requests import AsyncRequest
from scim_server.http.admissions import ASYNC_REQUESTS
from scim_server.http.exchanges import Exchange
from scim_server.http.provisioning_logs import Acceptance
from scim_server.http.responses import check_acceptable, scim_response
from scim_server.protocol.passwords import without_passwords
from scim_server.protocol.preferences import RESPOND_ASYNC, seconds_to_wait
from scim_server.resources.prechecks import Prechecks
from scim_server.services.deferring import accept

OPERATIONS_A_SECOND = 100
"""Of a Bulk, as it is carried out at the least; no client is left to wait much longer than a second."""
KEPT_HEADERS = ("If-Match", "If-None-Match", "X-Request-Id")


def deferred(exchange: Exchange, check: Callable[[Prechecks], int | None]) -> Response | None:
    """The 202 of a request that is carried out later; None for one that is to be carried out now.

    `check` raises what is wrong with it, and answers how many operations a Bulk has. Raises that, NotAcceptable where
    the answer is to be a normal one that the client would not take, QueueFull.
    """
    deferral = exchange.service.deferral
    if not exchange.is_async or deferral is None:
        return None
    caller = exchange.caller
    operations = check(Prechecks(exchange.service.operations, caller))
    is_kept = accept(
        deferral.units,
        caller.tenant,
        caller.cause("accept a request"),
        _kept(exchange, operations),
        Acceptance(exchange.recording),
        rather_now=_is_waited_for(exchange, operations),
    )
    if not is_kept:
        check_acceptable(exchange.request)
        return None
    deferral.wake()
    return scim_response(None, 202, _headers(exchange))


def result_address(exchange: Exchange, txn: str) -> str:
    """Where the outcome is read."""
    return f"{exchange.caller.base_url}/{ASYNC_REQUESTS}/{txn}"


def _headers(exchange: Exchange) -> Mapping[str, str]:
    txn = exchange.caller.request_id
    return {"Set-Txn": txn, "Preference-Applied": RESPOND_ASYNC, "Location": result_address(exchange, txn)}


def _is_waited_for(exchange: Exchange, operations: int | None) -> bool:
    """Whether it is over before the client stops waiting for it (RFC 7240 section 4.3)."""
    seconds = seconds_to_wait(exchange.prefers)
    return bool(seconds) and (operations or 1) <= OPERATIONS_A_SECOND


def _kept(exchange: Exchange, operations: int | None) -> AsyncRequest:
    request, caller = exchange.request, exchange.caller
    path = "/" + "/".join(exchange.path)
    headers = {name: request.headers[name] for name in KEPT_HEADERS if name in request.headers}
    return AsyncRequest(
        id=caller.request_id,
        actor=caller.origin,
        number=0,
        method=request.method,
        path=path,
        headers=headers,
        body=None if request.method == "DELETE" else without_passwords(request.get_data(), path, caller.registry),
        operations=operations,
        accepted="",
        due="",
        token_id=exchange.token_id or None,
    )
