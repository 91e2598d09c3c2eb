"""Faults of bulk requests (RFC 7644 section 3.7)."""

from dataclasses import replace
from typing import Any

from scim_server.http import bodies, views
from scim_server.http import bulk as answers
from scim_server.protocol import bulk as messages
from scim_server.protocol.errors import InvalidValue
from scim_server.protocol.versions import Conditions
from scim_server.resources import bulk
from tests.faults.catalogue import Area, Patch
from tests.faults.mutations import alter_answer, wrap_method

area = Area("bulk")


@area.fault("stops-never", "failOnErrors is ignored.", "bulk.stop-at-first")
def stops_never(patch: Patch) -> None:
    alter_answer(patch, messages.read_bulk, lambda request: replace(request, fail_on_errors=None))


@area.fault(
    "stops-at-once",
    "The first error ends a bulk, whatever failOnErrors says.",
    "bulk.stop-at-second bulk.failure-inside",
)
def stops_at_once(patch: Patch) -> None:
    alter_answer(patch, messages.read_bulk, lambda request: replace(request, fail_on_errors=1))


@area.fault("stops-late", "A bulk ends after one error more than failOnErrors.", "bulk.stop-at-first")
def stops_late(patch: Patch) -> None:
    def later(request: Any) -> Any:
        most = request.fail_on_errors
        return replace(request, fail_on_errors=most and most + 1)

    alter_answer(patch, messages.read_bulk, later)


@area.fault(
    "references-unread",
    "`bulkId:x` is not resolved.",
    "bulk.reference bulk.reference-in-patch bulk.reference-in-extension bulk.members-of-many",
)
def references_unread(patch: Patch) -> None:
    patch.setattr(bulk, "substituted", lambda body, kind, substitute, *, patch: body)


@area.fault("path-unresolved", "`bulkId:x` is not resolved in paths.", "bulk.reference-in-path")
def path_unresolved(patch: Patch) -> None:
    patch.setattr(bulk._Run, "_resolved", lambda run, text: text)


@area.fault(
    "backward-only",
    "A reference to a later operation is refused.",
    "bulk.reference-forward",
)
def backward_only(patch: Patch) -> None:
    patch.setattr(bulk, "arranged", lambda needs: [[number] for number in range(len(needs))])


@area.fault("order-turned", "Results come in another order than the operations.", "bulk.order bulk.all-methods")
def order_turned(patch: Patch) -> None:
    alter_answer(patch, bulk.run_bulk, lambda outcomes: outcomes[::-1])


@area.fault("status-object", "`status` of a result is an object.", "bulk.create bulk.failure-inside")
def status_object(patch: Patch) -> None:
    alter_answer(patch, answers._result, lambda result: {**result, "status": {"code": result["status"]}})


@area.fault("status-number", "`status` of a result is a number.", "bulk.create")
def status_number(patch: Patch) -> None:
    alter_answer(patch, answers._result, lambda result: {**result, "status": int(result["status"])})


@area.fault("no-location", "A result does not say where the resource is.", "bulk.create")
def no_location(patch: Patch) -> None:
    alter_answer(patch, answers._result, lambda result: {name: result[name] for name in result if name != "location"})


@area.fault("no-error", "A failed operation has no Error.", "bulk.failure-inside")
def no_error(patch: Patch) -> None:
    alter_answer(patch, answers._result, lambda result: {name: result[name] for name in result if name != "response"})


@area.fault("bulk-id-lost", "A result does not name the bulkId of its operation.", "bulk.create")
def bulk_id_lost(patch: Patch) -> None:
    alter_answer(patch, answers._result, lambda result: {name: result[name] for name in result if name != "bulkId"})


@area.fault("version-ignored", "`version` in an operation is ignored.", "bulk.version")
def version_ignored(patch: Patch) -> None:
    patch.setattr(bulk, "Conditions", lambda *given, **terms: Conditions())


@area.fault("unlimited", "More operations than maxOperations are carried out.", "bulk.too-many")
def unlimited(patch: Patch) -> None:
    patch.setattr(bodies, "check_length", lambda body, most: None)
    patch.setattr(messages, "check_bulk", lambda body, limits: None)


@area.fault("whole-refused", "One bad operation has the whole bulk refused.", "bulk.failure-inside bulk.stop-at-second")
def whole_refused(patch: Patch) -> None:
    def run(original: Any, *given: Any) -> Any:
        outcomes = original(*given)
        if any(outcome.error for outcome in outcomes):
            raise InvalidValue("One of the operations failed.")
        return outcomes

    original = views.run_bulk
    patch.setattr(views, "run_bulk", lambda *given: run(original, *given))


@area.fault("failed-reference", "What refers to a failed operation is carried out without it.", "bulk.reference-failed")
def failed_reference(patch: Patch) -> None:
    def id_of(original: Any, run: Any, bulk_id: str) -> Any:
        try:
            return original(run, bulk_id)
        except bulk.Conflict:
            return bulk.CUT

    wrap_method(patch, bulk._Run, "_id_of", id_of)


@area.fault("unknown-reference", "A reference to no operation is left out.", "bulk.reference-unknown")
def unknown_reference(patch: Patch) -> None:
    def id_of(original: Any, run: Any, bulk_id: str) -> Any:
        try:
            return original(run, bulk_id)
        except InvalidValue:
            return bulk.CUT

    wrap_method(patch, bulk._Run, "_id_of", id_of)


@area.fault("get-taken", "GET inside a bulk is carried out as a DELETE would be told.", "bulk.other-method")
def get_taken(patch: Patch) -> None:
    alter_answer(
        patch,
        answers._result,
        lambda result: {"method": "GET", "status": "200"} if result["method"] == "GET" else result,
    )


@area.fault("twice-taken", "Two operations may have one bulkId.", "bulk.id-twice")
def twice_taken(patch: Patch) -> None:
    patch.setattr(messages, "_refuse_twins", lambda operations: None)
