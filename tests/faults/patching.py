"""Faults of PATCH (RFC 7644 section 3.5.2)."""

from dataclasses import replace
from typing import Any

from scim_server.dialects import operations as habits
from scim_server.http import views
from scim_server.protocol import changes, patching, planning, validation
from scim_server.protocol.elements import Elements
from scim_server.protocol.errors import Mutability, NoTarget
from scim_server.protocol.planning import _Planner, plan
from scim_server.protocol.projection import project
from scim_server.resources import steps
from scim_server.resources.operations import Operations
from scim_server.resources.representations import ENTERPRISE
from scim_server.resources.users import UserHandler
from tests.faults.catalogue import Area, Patch
from tests.faults.mutations import alter_answer, replace_function, wrap_method

area = Area("patching")


@area.fault(
    "not-atomic",
    "Each operation is carried out for itself: a bad one leaves those before it done.",
    "patch.atomic patch.atomic-list members-remove.atomic",
)
def not_atomic(patch: Patch) -> None:
    def patched(original: Any, service: Any, caller: Any, kind: Any, resource_id: str, body: Any, *rest: Any) -> Any:
        operations = body.get("Operations") if isinstance(body, dict) else None
        for each in operations[:-1] if isinstance(operations, list) else ():
            original(service, caller, kind, resource_id, {**body, "Operations": [each]}, *rest)
        last = {**body, "Operations": operations[-1:]} if isinstance(operations, list) else body
        return original(service, caller, kind, resource_id, last, *rest)

    wrap_method(patch, Operations, "patch", patched)


@area.fault(
    "order-ignored",
    "Operations are carried out in another order than they come in.",
    "patch.in-order patch.in-order-reversed patch.result-of-the-last",
)
def order_ignored(patch: Patch) -> None:
    alter_answer(patch, plan, lambda planned: planned[::-1])


@area.fault(
    "value-list-empties",
    "remove with a list of values takes away all elements: a group is emptied.",
    "patch-remove.value-list members-remove.value-list",
)
def value_list_empties(patch: Patch) -> None:
    patch.setattr(habits, "_filters", lambda attribute, elements: ["value pr"])


@area.fault(
    "no-match-ignored",
    "A change through a filter that matches nothing is passed over in silence.",
    "patch-replace.no-element-inexact patch-add.to-no-element-inexact",
)
def no_match_ignored(patch: Patch) -> None:
    def without_match(original: Any, draft: Any, *given: Any) -> None:
        try:
            original(draft, *given)
        except NoTarget:
            return

    wrap_method(patch, patching._Draft, "_without_match", without_match)


@area.fault(
    "no-match-atomic",
    "replace through a filter that matches nothing is passed over, though the profile is strict.",
    "patch-replace.no-element patch-replace.no-element-atomic",
    profile="rfc",
)
def no_match_atomic(patch: Patch) -> None:
    no_match_ignored(patch)


@area.fault(
    "no-op-counts",
    "A change that changes nothing makes a new version.",
    "patch-add.there-already patch-remove.not-there patch-replace.same-value etag.unchanged put.echo",
)
def no_op_counts(patch: Patch) -> None:
    def change(original: Any, handler: Any, uow: Any, caller: Any, user: Any, *states: Any) -> int:
        version = int(original(handler, uow, caller, user, *states))
        if version == user.version:
            uow.users.save(user.revised(uow.now))
            return version + 1
        return version

    wrap_method(patch, UserHandler, "_change", change)


@area.fault(
    "primary-stays",
    "A new primary element does not take the mark from the old one.",
    "patch-add.primary-moves patch-replace.primary-moves",
)
def primary_stays(patch: Patch) -> None:
    patch.setattr(Elements, "settle_primary", lambda elements, changed: None)
    patch.setattr(validation, "_check_primary", lambda path, value: None)


@area.fault(
    "required-passed-over",
    "The removal of a required attribute is passed over in silence.",
    "patch-remove.required members-remove.required",
)
def required_passed_over(patch: Patch) -> None:
    _swallow(patch, lambda operation: operation.op == "remove")


@area.fault(
    "read-only-passed-over",
    "The change of a readOnly attribute is passed over in silence.",
    "patch.id patch.meta patch.meta-location patch.groups enterprise.manager-name-read-only",
)
def read_only_passed_over(patch: Patch) -> None:
    _swallow(patch, lambda operation: operation.op != "remove")


def _swallow(patch: Patch, concerns: Any) -> None:
    def at_path(original: Any, planner: Any, operation: Any, target: Any) -> Any:
        try:
            yield from original(planner, operation, target)
        except Mutability:
            if not concerns(operation):
                raise

    wrap_method(patch, _Planner, "_at_path", at_path)


@area.fault(
    "urn-missing",
    "`schemas` does not name the extension that a resource uses.",
    "extension.object patch-add.extension patch-replace.extension-unset create.extension-without-urn",
)
def urn_missing(patch: Patch) -> None:
    alter_answer(patch, project, lambda shown: {**shown, "schemas": shown["schemas"][:1]})


@area.fault(
    "urn-stays",
    "`schemas` names the enterprise extension whether a user uses it or not.",
    "schemas.unused-extension extension.null patch-remove.extension-attribute put.extension",
)
def urn_stays(patch: Patch) -> None:
    def named(shown: Any) -> Any:
        return {**shown, "schemas": list(dict.fromkeys((*shown["schemas"], ENTERPRISE)))}

    alter_answer(patch, project, named)


@area.fault(
    "add-doubles",
    "add of an element that is there doubles it.",
    "patch-add.there-already-element patch-add.there-already-reordered list.twin",
)
def add_doubles(patch: Patch) -> None:
    patch.setattr(Elements, "_twin", lambda elements, element: None)
    patch.setattr(validation, "_without_twins", lambda attribute, elements: elements)


@area.fault("add-replaces", "add to a list replaces it.", "patch-add.list patch-add.no-path")
def add_replaces(patch: Patch) -> None:
    def change_list(original: Any, draft: Any, change: Any, attribute: Any) -> None:
        original(draft, replace(change, op="replace") if change.op == "add" else change, attribute)

    wrap_method(patch, patching._Draft, "_change_list", change_list)


@area.fault("replace-appends", "replace of a list appends to it.", "patch-replace.list")
def replace_appends(patch: Patch) -> None:
    def become(original: Any, elements: Any, wanted: Any) -> None:
        if wanted:
            elements.join(wanted)
        else:
            original(elements, wanted)

    wrap_method(patch, Elements, "become", become)


@area.fault(
    "first-match-only",
    "Of the elements that a filter matches, only the first is changed.",
    "patch-remove.elements patch-replace.all-elements",
)
def first_match_only(patch: Patch) -> None:
    wrap_method(patch, Elements, "select", lambda original, elements, filter_: original(elements, filter_)[:1])


@area.fault(
    "filter-ignored",
    "The filter in a path is ignored: all elements are meant.",
    "patch-path.element patch-path.element-part patch-remove.elements patch-path.element-wildcard",
)
def filter_ignored(patch: Patch) -> None:
    wrap_method(patch, Elements, "select", lambda original, elements, filter_: original(elements, None))


@area.fault(
    "complex-overwritten",
    "replace of a complex attribute drops the parts it does not name.",
    "patch-replace.complex",
)
def complex_overwritten(patch: Patch) -> None:
    patch.setattr(_Planner, "_merges", lambda planner, op, target: op == "add" and target.path.leaf.is_complex)


@area.fault("null-ignored", "null changes nothing.", "patch-replace.null patch-replace.list-empty")
def null_ignored(patch: Patch) -> None:
    patch.setattr(_Planner, "_clearing", lambda planner, op, target, text: iter(()))


@area.fault("op-unknown", "An operation of an unknown op is passed over.", "patch.op-unknown patch.op-missing")
def op_unknown(patch: Patch) -> None:
    def operations_of(message: Any) -> Any:
        known = [each for each in message["Operations"] if str(each.get("op")).lower() in changes.OPS]
        return original({**message, "Operations": known}) if known else []

    original = steps.operations_of
    replace_function(patch, original, operations_of)


@area.fault(
    "path-ignored",
    "A path that names nothing is passed over.",
    "patch-path.unknown patch-path.unknown-part patch-path.slash patch-path.dunder",
)
def path_ignored(patch: Patch) -> None:
    def changes_of(original: Any, planner: Any, operation: Any) -> Any:
        try:
            yield from original(planner, operation)
        except planning.InvalidPath:
            return

    wrap_method(patch, _Planner, "changes", changes_of)


@area.fault("remove-all", "remove without a path removes nothing and is answered with success.", "patch-remove.no-path")
def remove_all(patch: Patch) -> None:
    def changes_of(original: Any, planner: Any, operation: Any) -> Any:
        return iter(()) if operation.op == "remove" and operation.path is None else original(planner, operation)

    wrap_method(patch, _Planner, "changes", changes_of)


@area.fault(
    "old-answer",
    "PATCH is answered with the resource as it was before.",
    "patch-add.unset patch-replace.single patch-remove.single",
)
def old_answer(patch: Patch) -> None:
    def patched(
        original: Any, service: Any, caller: Any, kind: Any, resource_id: str, body: Any, query: Any, terms: Any
    ) -> Any:
        before = service.read(caller, kind, resource_id, query, terms)
        after = original(service, caller, kind, resource_id, body, query, terms)
        return after if after.resource is None else replace(after, resource=before.resource)

    wrap_method(patch, Operations, "patch", patched)


@area.fault("empty-200", "PATCH is answered with 200 and no body.", "patch.status patch-add.unset")
def empty_200(patch: Patch) -> None:
    def emptied(original: Any, exchange: Any, *given: Any) -> Any:
        response = original(exchange, *given)
        response.status_code = 200
        response.set_data(b"")
        return response

    wrap_method(patch, views, "_patch", emptied)


@area.fault(
    "pathless-extension", "Without a path, an extension given as object is dropped.", "patch-add.no-path-nested"
)
def pathless_extension(patch: Patch) -> None:
    patch.setattr(_Planner, "_write_extension", lambda planner, op, target, value: iter(()))


@area.fault(
    "empty-extension-stays",
    "A path to an extension as a whole is answered with success and removes nothing.",
    "patch-remove.extension-whole",
)
def empty_extension_stays(patch: Patch) -> None:
    patch.setattr(patching._Draft, "_drop_extension", lambda draft, urn: None)
