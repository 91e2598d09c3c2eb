"""Habits in how the message of a PATCH is put together: its keywords, and what stands beside them."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from scim_server.dialects.habits import EVERYWHERE, TOLERANT, Habit, Message
from scim_server.dialects.rewriting import (
    Operation,
    kept,
    op_of,
    operations_in,
    renamed,
    rewrite_operations,
    with_body,
    with_member,
)
from scim_server.dialects.samples import NO_CHANGE, patch
from scim_server.protocol.changes import OPS
from scim_server.protocol.schemas import ResourceType

_MESSAGE = frozenset({"schemas", "Operations"})
_OPERATION = frozenset({"op", "path", "value"})
_SPELT = {name.lower(): name for name in _MESSAGE | _OPERATION}


def keywords_as_spelt(message: Message) -> Message:
    """`operations`, `Op`, `Path` and the like become the RFC's own words."""
    if message.verb != "patch" or not isinstance(message.body, Mapping):
        return message
    spelt = renamed(message.body, _as_spelt)
    return rewrite_operations(with_body(message, spelt), lambda operation, _kind: renamed(operation, _as_spelt))


def _as_spelt(key: str) -> str:
    return _SPELT.get(key.lower(), key)


def without_extra_keys(message: Message) -> Message:
    """Members that neither a PATCH nor an operation has are dropped; a keyword given twice is no such member."""
    if message.verb != "patch" or not isinstance(message.body, Mapping):
        return message
    known = kept(message.body, lambda key: _as_spelt(key) in _MESSAGE)
    return rewrite_operations(
        with_body(message, known),
        lambda operation, _kind: kept(operation, lambda key: _as_spelt(key) in _OPERATION),
    )


def op_in_lower_case(operation: Operation, _kind: ResourceType) -> Any:
    """`Add`, `Replace` and `Remove`."""
    op = op_of(operation)
    return with_member(operation, "op", op.lower()) if op not in OPS and op.lower() in OPS else operation


def without_null_path(operation: Operation, _kind: ResourceType) -> Any:
    """A path of null is no path."""
    if operation.get("path", "") is not None or any(key != "path" and key.lower() == "path" for key in operation):
        return operation
    return kept(operation, lambda key: key != "path")


def some_operation(message: Message) -> Message:
    """An empty list becomes the one operation that changes nothing."""
    if operations_in(message) == []:
        return with_body(message, {**message.body, "Operations": [NO_CHANGE]})
    return message


HABITS = (
    Habit(
        name="keyword-case",
        summary="the keywords of a PATCH in other letter case",
        clients=("polis",),
        quirks=(46,),
        source="https://github.com/ssoready/ssoready/pull/182",
        profiles=TOLERANT,
        verb="patch",
        resource_type="User",
        before={
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "operations": [{"op": "replace", "path": "title", "value": "Engineer"}],
        },
        after=patch({"op": "replace", "path": "title", "value": "Engineer"}),
        rewrite=keywords_as_spelt,
    ),
    Habit(
        name="extra-keys",
        summary="a PATCH or its operations with members that the RFC does not know",
        clients=("postman", "okta"),
        quirks=(45,),
        source="https://github.com/AzureAD/SCIMReferenceCode/blob/master/PostmanCollection.json",
        profiles=TOLERANT,
        verb="patch",
        resource_type="Group",
        before={
            "id": "g1",
            **patch({"name": "addMember", "op": "add", "path": "members", "value": [{"value": "u1"}]}),
        },
        after=patch({"op": "add", "path": "members", "value": [{"value": "u1"}]}),
        rewrite=without_extra_keys,
    ),
    Habit(
        name="op-case",
        summary="Add, Replace and Remove with a capital letter",
        clients=("entra", "postman"),
        quirks=(1,),
        source="https://learn.microsoft.com/en-us/entra/identity/app-provisioning/application-provisioning-config-problem-scim-compatibility",
        profiles=EVERYWHERE,
        verb="patch",
        resource_type="User",
        before=patch({"op": "Replace", "path": "title", "value": "Engineer"}),
        after=patch({"op": "replace", "path": "title", "value": "Engineer"}),
        rewrite=partial(rewrite_operations, change=op_in_lower_case),
    ),
    Habit(
        name="null-path",
        summary="a path of null in an operation that has none",
        clients=("authentik",),
        quirks=(47,),
        source="https://github.com/goauthentik/authentik/blob/main/authentik/providers/scim/clients/groups.py",
        profiles=TOLERANT,
        verb="patch",
        resource_type="User",
        before=patch({"op": "replace", "path": None, "value": {"title": "Engineer"}}),
        after=patch({"op": "replace", "value": {"title": "Engineer"}}),
        rewrite=partial(rewrite_operations, change=without_null_path),
    ),
    Habit(
        name="empty-operations",
        summary="a PATCH without operations, meant to change nothing",
        clients=("entra-validator",),
        quirks=(48,),
        source="https://github.com/scimmyjs/scimmy/issues/59",
        profiles=TOLERANT,
        verb="patch",
        resource_type="User",
        before=patch(),
        after=patch(NO_CHANGE),
        rewrite=some_operation,
    ),
)
