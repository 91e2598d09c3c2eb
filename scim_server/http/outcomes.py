"""RFC 9967 sections 2.5.1.1 and 2.5.1.3: what came of an asynchronous request, for the client that sent it alone.

As a security event token (RFC 8417), or where the client would rather have it so as the BulkResponse that a Bulk would
have been answered with; of a request that is no Bulk it has one operation.
"""

import re
from collections.abc import Sequence

from flask import Response

from scim_server.domain.async_requests import Completion
from scim_server.http.errors import RETRY_AFTER
from scim_server.http.exchanges import Exchange
from scim_server.http.responses import JSON, SCIM_JSON, ScimResponse, check_acceptable, scim_response
from scim_server.http.views import Views
from scim_server.protocol.bulk import bulk_response
from scim_server.protocol.errors import NotFound
from scim_server.services.completion_tokens import completion_token
from scim_server.services.deferring import sent_request

SECURITY_EVENT = "application/secevent+jwt"
_TXN = re.compile(r"([0-9a-f-]{36})(?::(\d{1,9}))?")


def views_of_outcome(exchange: Exchange, txn: str) -> Views:
    """At the result address of a request, or of one operation of a Bulk."""
    return {"GET": lambda: _outcome(exchange, txn)}


def _outcome(exchange: Exchange, txn: str) -> Response:
    """202 while it waits. Raises NotFound, and NotAcceptable for a form in which there is none."""
    deferral = exchange.service.deferral
    assert deferral is not None, "without one there is no such address"
    found = _TXN.fullmatch(txn)
    kept = found and sent_request(deferral.units, exchange.caller.tenant, exchange.caller.origin, found[1])
    if not found or not kept:
        raise NotFound("There is no asynchronous request of this client at this address, or not any more.")
    if found[2] is not None and (not kept.request.is_bulk or int(found[2]) >= kept.request.total):
        raise NotFound(f"The request has no operation {found[2]}; they are counted from 0.")
    number = None if found[2] is None else int(found[2])
    ended = [each for each in kept.completions if number in (None, each.number)]
    if not ended or (number is None and kept.request.finished is None):
        return scim_response(None, 202, {"Set-Txn": txn, "Retry-After": RETRY_AFTER})
    if len(ended) == 1 and _wants_token(exchange):
        now = deferral.units.now()
        token = completion_token(deferral.signer, exchange.caller.tenant, kept.request, ended[0], now)
        return ScimResponse(token.encode(), 200, content_type=SECURITY_EVENT)
    check_acceptable(exchange.request)
    return scim_response(_message(ended))


def _wants_token(exchange: Exchange) -> bool:
    """Whoever does not say what they want wants it, as the standard has it."""
    accepted = exchange.request.accept_mimetypes
    return not accepted or accepted.best_match([SECURITY_EVENT, SCIM_JSON, JSON]) == SECURITY_EVENT


def _message(ended: Sequence[Completion]) -> dict[str, object]:
    return bulk_response([each.result for each in ended])
