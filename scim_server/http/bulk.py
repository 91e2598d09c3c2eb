"""RFC 7644 section 3.7.3: the outcomes of a bulk as a BulkResponse."""

from collections.abc import Mapping, Sequence
from typing import Any

from scim_server.http.errors import scim_refusal
from scim_server.protocol.bulk import bulk_response
from scim_server.protocol.versions import entity_tag
from scim_server.resources.bulk import Outcome

SUCCESS: Mapping[str, int] = {"POST": 201, "PUT": 200, "PATCH": 200, "DELETE": 204}


def bulk_body(outcomes: Sequence[Outcome], request_id: str) -> dict[str, Any]:
    """The message; an operation has a `response` only where it failed: an Error."""
    return bulk_response([_result(outcome, request_id) for outcome in outcomes])


def _result(outcome: Outcome, request_id: str) -> dict[str, Any]:
    operation = outcome.operation
    result: dict[str, Any] = {"method": operation.method}
    if operation.bulk_id is not None:
        result["bulkId"] = operation.bulk_id
    if outcome.version is not None:
        result["version"] = entity_tag(outcome.version)
    if outcome.location is not None:
        result["location"] = outcome.location
    if outcome.error is None:
        return {**result, "status": str(SUCCESS[operation.method])}
    refusal = scim_refusal(outcome.error, request_id)
    return {**result, "status": str(refusal.status), "response": refusal.body}
