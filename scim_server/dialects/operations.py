"""Habits in what the operations of a PATCH do: how things are cleared, removed and put in each other's place."""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from scim_server.dialects.habits import EVERYDAY, TOLERANT, Habit
from scim_server.dialects.rewriting import (
    Operation,
    each_object,
    named,
    op_of,
    rewrite_operations,
    with_member,
)
from scim_server.dialects.samples import NO_CHANGE, patch
from scim_server.protocol.errors import ScimError
from scim_server.protocol.schemas import Attribute, ResourceType
from scim_server.protocol.targets import parse_target
from scim_server.protocol.terms import described_element

MOST_TOGETHER, LONGEST_TOGETHER = 100, 10_000
"""Members, and characters of what names them, in one path: thousands cost little so, and no path is too long."""

_DESCRIPTIVE = frozenset({"display", "$ref", "primary"})
"""What does not help to name an element that is named by its `value`."""


def removals_by_path(operation: Operation, kind: ResourceType) -> Any:
    """What a remove lists is named in its path; an empty list names nothing."""
    value, path = operation.get("value"), operation.get("path")
    if operation.get("op") != "remove" or value is None or not isinstance(path, str) or "[" in path:
        return operation
    found = named(path, kind)
    if found is None or found.attribute is None or found.sub is not None or not found.attribute.multi_valued:
        return operation
    filters = _filters(found.attribute, value if isinstance(value, list) else [value])
    if filters is None:
        return operation
    chosen = _packed(filters) if found.attribute.names_resources else filters
    return [{"op": "remove", "path": f"{path}[{terms}]"} for terms in chosen] or NO_CHANGE


def _packed(filters: Sequence[str]) -> Iterator[str]:
    """The filters joined by `or`, as many together as a path has room for."""
    together: list[str] = []
    length = 0
    for filter_ in filters:
        if together and (length + len(filter_) > LONGEST_TOGETHER or len(together) == MOST_TOGETHER):
            yield " or ".join(together)
            together, length = [], 0
        together.append(filter_)
        length += len(filter_)
    if together:
        yield " or ".join(together)


def _filters(attribute: Attribute, elements: Sequence[Any]) -> list[str] | None:
    """What names each of the elements; None where one of them is no element of the attribute."""
    filters = []
    for element in elements:
        terms = _terms(attribute, element)
        if terms is None or not all(isinstance(value, str | bool | int | float) for value in terms.values()):
            return None
        if terms:
            filters.append(" and ".join(f"{name} eq {_literal(value)}" for name, value in terms.items()))
    nobody = attribute.names_resources and elements and not filters
    return None if nobody else filters


def _terms(attribute: Attribute, element: Any) -> dict[str, Any] | None:
    if element is None:
        return {}
    if not attribute.is_complex:
        return {"value": element}
    if not isinstance(element, Mapping):
        return None
    given = {key: value for key, value in element.items() if value is not None}
    names = {key.lower(): key for key in given}
    if attribute.names_resources:
        return {"value": given[names["value"]]} if "value" in names else {}
    ignored = _DESCRIPTIVE if "value" in names else {"primary"}
    return {key: value for key, value in given.items() if key.lower() not in ignored}


def _literal(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def removed_by_path(operation: Operation, kind: ResourceType) -> Any:
    """Null at a path means that the value goes, also in an add, and where there is nothing to go."""
    path = operation.get("path")
    if operation.get("value", 0) is not None or op_of(operation) not in {"add", "replace"}:
        return operation
    found = named(path, kind)
    if found is None or found.attribute is None or found.leaf.required or found.attribute.names_resources:
        return operation
    chosen = "[" in str(path)
    if operation["op"] == "replace" and not chosen:
        return operation
    if found.leaf.multi_valued and not chosen:
        return {**operation, "value": []}
    return {"op": "remove", "path": path}


def element_made(operation: Operation, kind: ResourceType) -> Any:
    """A replace of a part of chosen elements becomes an add, which makes the element where there is none."""
    path = operation.get("path")
    if operation.get("op") != "replace" or not isinstance(path, str) or "]." not in path:
        return operation
    found = named(path, kind)
    if found is None or found.attribute is None or found.sub is None or found.attribute.names_resources:
        return operation
    empty = operation.get("value") is None or found.sub.multi_valued
    return operation if empty else with_member(operation, "op", "add")


def element_with_terms(operation: Operation, kind: ResourceType) -> Any:
    """An element put in the place of the one with `type eq "work"` is of that type, unless it says another."""
    path = operation.get("path")
    if operation.get("op") != "replace" or not isinstance(path, str) or not path.endswith("]"):
        return operation
    terms = _terms_of(path, kind)
    return with_member(operation, "value", each_object(operation.get("value"), partial(_completed, terms=terms)))


def _completed(element: Mapping[str, Any], terms: Mapping[str, Any]) -> Mapping[str, Any]:
    given = set(map(str.lower, element))
    missing = {name: value for name, value in terms.items() if name.lower() not in given}
    return {**missing, **element} if missing else element


def _terms_of(path: str, kind: ResourceType) -> Mapping[str, Any]:
    try:
        target = parse_target(path, kind)
    except ScimError:
        return {}
    if target.filter is None or target.sub is not None or target.path.leaf.names_resources:
        return {}
    return described_element(target.filter, path) or {}


HABITS = (
    Habit(
        name="remove-by-value",
        summary="a remove that lists the values to remove beside the path",
        clients=("entra", "authentik", "aws"),
        quirks=(12, 15),
        source="https://learn.microsoft.com/en-us/entra/identity/app-provisioning/application-provisioning-config-problem-scim-compatibility",
        profiles=EVERYDAY,
        verb="patch",
        resource_type="Group",
        before=patch({"op": "remove", "path": "members", "value": [{"value": "u1"}, {"$ref": None, "value": "u2"}]}),
        after=patch({"op": "remove", "path": 'members[value eq "u1" or value eq "u2"]'}),
        rewrite=partial(rewrite_operations, change=removals_by_path),
    ),
    Habit(
        name="null-clears",
        summary="null in an add or inside chosen elements, meant to clear what may not even be there",
        clients=("entra-validator",),
        quirks=(18,),
        source="https://github.com/AzureAD/SCIMReferenceCode/tree/master/Microsoft.SCIM.LogicAppValidationTemplate/StandardLogicApp",
        profiles=TOLERANT,
        verb="patch",
        resource_type="User",
        before=patch({"op": "replace", "path": 'phoneNumbers[type eq "fax"].value', "value": None}),
        after=patch({"op": "remove", "path": 'phoneNumbers[type eq "fax"].value'}),
        rewrite=partial(rewrite_operations, change=removed_by_path),
    ),
    Habit(
        name="missing-element",
        summary="a replace inside an element that may not be there yet",
        clients=("entra",),
        quirks=(5, 6),
        source="https://learn.microsoft.com/en-us/entra/identity/app-provisioning/customize-application-attributes",
        profiles=TOLERANT,
        verb="patch",
        resource_type="User",
        before=patch({"op": "replace", "path": 'emails[type eq "work"].value', "value": "a@x.test"}),
        after=patch({"op": "add", "path": 'emails[type eq "work"].value', "value": "a@x.test"}),
        rewrite=partial(rewrite_operations, change=element_made),
    ),
    Habit(
        name="element-type",
        summary="a replace of the element of a type by one that does not repeat the type",
        clients=("polis",),
        quirks=(77,),
        source="https://github.com/boxyhq/jackson/blob/main/npm/test/dsync/data/user-requests.ts",
        profiles=TOLERANT,
        verb="patch",
        resource_type="User",
        before=patch({"op": "replace", "path": 'addresses[type eq "work"]', "value": {"country": "SE"}}),
        after=patch({"op": "replace", "path": 'addresses[type eq "work"]', "value": {"type": "work", "country": "SE"}}),
        rewrite=partial(rewrite_operations, change=element_with_terms),
    ),
)
