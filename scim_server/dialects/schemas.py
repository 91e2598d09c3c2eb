"""Habits in what a message says beside its attributes: URNs missing or unknown, members that are nobody's to write."""

from collections.abc import Mapping, Sequence
from typing import Any

from scim_server.dialects.habits import TOLERANT, Habit, Message
from scim_server.dialects.rewriting import (
    Operation,
    each_object,
    kept,
    member,
    named,
    rewrite_objects,
    rewrite_operations,
    rewrite_values,
    with_body,
    with_member,
)
from scim_server.dialects.samples import BULK_REQUEST, PATCH_OP, SEARCH_REQUEST, USER, patch, user
from scim_server.protocol.codec import repeats_urn
from scim_server.protocol.schemas import Attribute, ResourceType

_ENVELOPES = {"patch": PATCH_OP, "bulk": BULK_REQUEST, "search": SEARCH_REQUEST}


def with_schemas(message: Message) -> Message:
    """A message or resource that says nothing of its schema has the one that its address implies."""
    if message.verb == "query" or not isinstance(message.body, Mapping):
        return message
    if member(message.body, "schemas") is not None:
        return message
    rest = kept(message.body, lambda key: key.lower() != "schemas")
    return with_body(message, {"schemas": [_urns(message)[0]], **rest})


def with_true_schemas(message: Message) -> Message:
    """Unknown URNs go, and the one that the address implies is there: it decides what a resource is."""
    if message.verb == "query" or not isinstance(message.body, Mapping):
        return message
    known = _urns(message)

    def of_operation(operation: Operation, kind: ResourceType) -> Any:
        found = named(operation.get("path"), kind)
        if found is None or found.keys != ("schemas",) or not isinstance(operation.get("value"), list):
            return operation
        return with_member(operation, "value", _known(operation["value"], _urns_of(kind)))

    told = {
        key: true
        for key, value in message.body.items()
        if key.lower() == "schemas" and value is not None and (true := _true(value, known)) is not value
    }
    return rewrite_operations(with_body(message, {**message.body, **told} if told else message.body), of_operation)


def _urns(message: Message) -> Sequence[str]:
    """The URNs that `schemas` may hold, the one that it must hold first."""
    envelope = _ENVELOPES.get(message.verb)
    return [envelope] if envelope else _urns_of(message.resource_type)


def _urns_of(kind: ResourceType) -> Sequence[str]:
    return [kind.schema.urn, *(extension.schema.urn for extension in kind.extensions)]


def _true(value: Any, known: Sequence[str]) -> list[str]:
    held = _known(value, known) if isinstance(value, list) else []
    has_base = any(urn.lower() == known[0].lower() for urn in held)
    return held if has_base else [known[0], *held]


def _known(value: list[Any], known: Sequence[str]) -> list[Any]:
    lowered = {urn.lower() for urn in known}
    held = [urn for urn in value if isinstance(urn, str) and urn.lower() in lowered]
    return value if len(held) == len(value) else held


def without_read_only(message: Message) -> Message:
    """What the server sets is left out of a PATCH value without path: clients send along what they read."""
    return rewrite_objects(message, _writable) if message.verb == "patch" else message


def _writable(value: Mapping[str, Any], kind: ResourceType, prefix: str) -> Mapping[str, Any]:
    def is_writable(key: str) -> bool:
        found = named(prefix + key, kind)
        if found is None or found.attribute is None:
            return True
        parts = (found.attribute, found.sub)
        read_only = any(part is not None and part.mutability == "readOnly" for part in parts)
        return not read_only and found.keys != ("schemas",)

    return kept(value, is_writable)


def without_unknown(message: Message) -> Message:
    """Attributes and sub-attributes that the schemas do not know are left out of bodies and values."""
    return rewrite_values(rewrite_objects(message, _attributes), _sub_attributes)


def _attributes(value: Mapping[str, Any], kind: ResourceType, prefix: str) -> Mapping[str, Any]:
    def is_known(key: str) -> bool:
        if prefix and repeats_urn(key, value[key], prefix[:-1]):
            return True
        found = named(prefix + key, kind)
        return found is not None and (found.attribute is not None or not prefix)

    return kept(value, is_known)


def _sub_attributes(attribute: Attribute, value: Any) -> Any:
    if not attribute.is_complex:
        return value

    def is_known(key: str) -> bool:
        return attribute.sub(key) is not None

    return each_object(value, lambda element: kept(element, is_known))


SCHEMAS = (
    Habit(
        name="missing-schemas",
        summary="a message or resource without schemas",
        clients=("polis",),
        quirks=(46,),
        source="https://github.com/boxyhq/jackson/blob/main/npm/test/dsync/data/user-requests.ts",
        profiles=TOLERANT,
        verb="patch",
        resource_type="User",
        before={"Operations": [{"op": "replace", "path": "title", "value": "Engineer"}]},
        after=patch({"op": "replace", "path": "title", "value": "Engineer"}),
        rewrite=with_schemas,
    ),
    Habit(
        name="unknown-schemas",
        summary="unknown or mistyped URNs in schemas",
        clients=("onelogin", "entra"),
        quirks=(40,),
        source="https://github.com/goauthentik/authentik/issues/11249",
        profiles=TOLERANT,
        verb="replace",
        resource_type="User",
        before={
            "schemas": ["urn:scim:schemas:core:2.0", "urn:scim:schemas:extension:enterprise:2.0"],
            "userName": "a@x.test",
        },
        after={"schemas": [USER], "userName": "a@x.test"},
        rewrite=with_true_schemas,
        follows=lambda profile: profile.unknown_attributes == "ignore",
    ),
)

READ_ONLY = Habit(
    name="read-only-members",
    summary="members that only the server sets in the value of a PATCH without path",
    clients=("authentik", "okta"),
    quirks=(44,),
    source="https://github.com/goauthentik/authentik/blob/main/authentik/providers/scim/clients/users.py",
    profiles=TOLERANT,
    verb="patch",
    resource_type="Group",
    before=patch({"op": "replace", "value": {"id": "g1", "displayName": "Sales"}}),
    after=patch({"op": "replace", "value": {"displayName": "Sales"}}),
    rewrite=without_read_only,
)

UNKNOWN = Habit(
    name="unknown-attributes",
    summary="attributes that no schema of the resource type knows",
    clients=("postman", "onelogin"),
    quirks=(42,),
    source="https://github.com/AzureAD/SCIMReferenceCode/blob/master/PostmanCollection.json",
    profiles=TOLERANT,
    verb="create",
    resource_type="User",
    before=user(shoeSize=43),
    after=user(),
    rewrite=without_unknown,
    follows=lambda profile: profile.unknown_attributes == "ignore",
)
