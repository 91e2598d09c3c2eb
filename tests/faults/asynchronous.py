"""Faults of requests that are answered 202 and carried out later, and of what is said of them (RFC 9967)."""

from typing import Any

from scim_server.http import deferrals, views
from scim_server.http.deferrals import deferred
from scim_server.http.exchanges import Exchange
from scim_server.http.responses import check_acceptable
from scim_server.protocol.discovery import ASYNC_RESPONSE, SecurityEvents
from scim_server.protocol.errors import ScimError
from tests.faults.catalogue import Area, Patch
from tests.faults.mutations import wrap_method
from tests.worlds import PATCH_OP

area = Area("async")
events = Area("events")


def _headers(patch: Patch, **told: str | None) -> None:
    """Have a 202 tell something else in those headers, or nothing."""
    original = deferrals._headers

    def headers(exchange: Any) -> dict[str, str]:
        said = {**original(exchange), **{name.replace("_", "-"): value for name, value in told.items()}}
        return {name: value for name, value in said.items() if value is not None}

    patch.setattr(deferrals, "_headers", headers)


@area.fault("no-txn", "A 202 has no Set-Txn.", "async.headers async.distinct")
def no_txn(patch: Patch) -> None:
    _headers(patch, Set_Txn=None)


@area.fault("one-txn", "Every 202 has the same Set-Txn.", "async.distinct")
def one_txn(patch: Patch) -> None:
    _headers(patch, Set_Txn="0")


@area.fault("nowhere", "A 202 does not say where the outcome is read.", "async.headers")
def nowhere(patch: Patch) -> None:
    _headers(patch, Location=None)


@area.fault("unsaid", "A 202 does not say that the preference was heeded.", "async.headers")
def unsaid(patch: Patch) -> None:
    _headers(patch, Preference_Applied="return=minimal")


@area.fault("outspoken", "A 202 has a body.", "async.headers async.distinct async.accept")
def outspoken(patch: Patch) -> None:
    def answered(exchange: Any, check: Any) -> Any:
        response = deferred(exchange, check)
        if response is not None:
            response.set_data(b"{}")
        return response

    patch.setattr(views, "deferred", answered)


@area.fault("choosy", "A 202 is refused to who accepts another type.", "async.accept")
def choosy(patch: Patch) -> None:
    def answered(exchange: Any, check: Any) -> Any:
        check_acceptable(exchange.request)
        return deferred(exchange, check)

    patch.setattr(views, "deferred", answered)


@area.fault("unread", "A 202 is answered before the body is read.", "async.syntax")
def unread(patch: Patch) -> None:
    def read(original: Any, exchange: Exchange, *given: Any) -> Any:
        try:
            return original(exchange, *given)
        except ScimError:
            if not exchange.is_async:
                raise
            return {"schemas": [PATCH_OP], "Operations": [{"op": "replace", "path": "title", "value": "unread"}]}

    wrap_method(patch, Exchange, "json", read)


def _told(patch: Patch, **otherwise: Any) -> None:
    """Say something else of security events."""
    original = SecurityEvents.attribute.fget

    def told(known: SecurityEvents) -> dict[str, Any] | None:
        said = original(known)
        return None if said is None else {**said, **otherwise}

    patch.setattr(SecurityEvents, "attribute", property(told))


@events.fault("yes", "asyncRequest is a boolean.", "events.async-request")
def yes(patch: Patch) -> None:
    _told(patch, asyncRequest=True)


@events.fault("one-uri", "eventUris is one text.", "events.event-uris")
def one_uri(patch: Patch) -> None:
    _told(patch, eventUris=ASYNC_RESPONSE)


@events.fault(
    "silent", "The event that tells of asynchronous requests is not among those there are.", "events.async-response"
)
def silent(patch: Patch) -> None:
    _told(patch, eventUris=["urn:ietf:params:scim:event:prov:create:full"])
