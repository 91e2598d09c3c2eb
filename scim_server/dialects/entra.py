"""Habits of Microsoft Entra ID, its Postman collections and its validator; most occur elsewhere too."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from scim_server.dialects.habits import Habit, Message
from scim_server.dialects.rewriting import (
    Visit,
    listed,
    mapped,
    member,
    rewrite_operations,
    rewrite_values,
)
from scim_server.protocol.errors import InvalidSyntax
from scim_server.protocol.schemas import Attribute
from scim_server.protocol.texts import parse_json

TOLERANT = frozenset({"tolerant"})
EVERYDAY = frozenset({"tolerant", "rfc"})
"""Habits without which the two largest clients do not work at all."""

PATCH_OP = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"]
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

ASSIGNMENTS = frozenset({"roles", "entitlements"})
BY_VALUE = ASSIGNMENTS | {"members"}
"""Lists whose elements are known by their `value` alone."""

_BOOLEANS = {"true": True, "false": False}


def boolean_from_text(attribute: Attribute, value: Any) -> Any:
    """`"True"` and `"False"`, in any letter case, for boolean attributes; other text stays and is refused."""
    if attribute.type == "boolean":
        return _BOOLEANS.get(value.lower(), value) if isinstance(value, str) else value
    flags = {sub.name.lower(): sub for sub in attribute.sub_attributes if sub.type == "boolean"}
    if not flags:
        return value

    def flag(key: str, inner: Any) -> Any:
        sub = flags.get(key.lower())
        return boolean_from_text(sub, inner) if sub else inner

    return listed(value, lambda element: mapped(element, flag))


def manager_object(attribute: Attribute, value: Any) -> Any:
    """A manager as bare text or in an array becomes an object; one without an id becomes null."""
    if attribute.name != "manager" or not attribute.is_complex or attribute.multi_valued:
        return value
    if isinstance(value, list) and len(value) <= 1:
        return manager_object(attribute, value[0]) if value else None
    if isinstance(value, str):
        return {"value": value} if value else None
    if isinstance(value, Mapping) and member(value, "value") == "":
        return None
    return value


def element_from_text(attribute: Attribute, value: Any) -> Any:
    """`"x"` among members, roles or entitlements becomes `{"value": "x"}`."""
    if attribute.name not in BY_VALUE or not (attribute.multi_valued and attribute.is_complex):
        return value
    elements = [value] if isinstance(value, str) and value else value
    if not isinstance(elements, list):
        return value
    return listed(elements, lambda element: {"value": element} if isinstance(element, str) else element)


def assignment_from_json(attribute: Attribute, value: Any) -> Any:
    """A role whose `value` is the JSON text of an object becomes what that object says."""
    return listed(value, _unwrapped) if attribute.name in ASSIGNMENTS else value


def _unwrapped(element: Any) -> Any:
    written = _json_object(member(element, "value")) if isinstance(element, Mapping) else None
    if written is None or not isinstance(written.get("value"), str):
        return element
    rest = {key: inner for key, inner in element.items() if key.lower() != "value"}
    display = written.get("displayName") or written.get("display")
    if isinstance(display, str) and member(element, "display") is None:
        rest["display"] = display
    return {**rest, "value": written["value"]}


def _json_object(text: Any) -> dict[str, Any] | None:
    if not isinstance(text, str) or not text.lstrip().startswith("{"):
        return None
    try:
        written = parse_json(text.encode())
    except (InvalidSyntax, UnicodeEncodeError):
        return None
    return written if isinstance(written, dict) else None


def display_from_alias(attribute: Attribute, value: Any) -> Any:
    """`displayName` inside members, roles or entitlements is their `display`."""
    if attribute.name not in BY_VALUE or not (attribute.multi_valued and attribute.is_complex):
        return value
    return listed(value, _renamed)


def _renamed(element: Any) -> Any:
    if not isinstance(element, Mapping) or "displayname" not in map(str.lower, element):
        return element
    if "display" in map(str.lower, element):
        return element
    return {"display" if key.lower() == "displayname" else key: inner for key, inner in element.items()}


def _no_operation(operations: Any) -> Any:
    """An empty list becomes the one operation that changes nothing."""
    return [{"op": "add", "value": {}}] if operations == [] else operations


def _values(visit: Visit) -> Callable[[Message], Message]:
    return partial(rewrite_values, visit=visit)


def _patch(*operations: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"schemas": PATCH_OP, "Operations": list(operations)}


HABITS = (
    Habit(
        name="boolean-text",
        summary='"True" and "False" as text for a boolean attribute',
        clients=("entra", "keycloak"),
        source="https://learn.microsoft.com/en-us/entra/identity/app-provisioning/application-provisioning-config-problem-scim-compatibility",
        profiles=EVERYDAY,
        verb="patch",
        resource_type="User",
        before=_patch({"op": "Replace", "path": "active", "value": "False"}),
        after=_patch({"op": "Replace", "path": "active", "value": False}),
        rewrite=_values(boolean_from_text),
    ),
    Habit(
        name="bare-manager",
        summary="the manager as bare text or in an array instead of an object",
        clients=("entra",),
        source="https://github.com/apache/directory-scimple/issues/1242",
        profiles=EVERYDAY,
        verb="create",
        resource_type="User",
        before={"schemas": [USER, ENTERPRISE], "userName": "a@x.test", ENTERPRISE: {"manager": "m1"}},
        after={
            "schemas": [USER, ENTERPRISE],
            "userName": "a@x.test",
            ENTERPRISE: {"manager": {"value": "m1"}},
        },
        rewrite=_values(manager_object),
    ),
    Habit(
        name="bare-element",
        summary="members, roles or entitlements as bare texts instead of objects",
        clients=("entra-postman", "scim-patch"),
        source="https://github.com/AzureAD/SCIMReferenceCode/blob/master/PostmanCollection.json",
        profiles=TOLERANT,
        verb="patch",
        resource_type="Group",
        before=_patch({"op": "add", "path": "members", "value": "u1"}),
        after=_patch({"op": "add", "path": "members", "value": [{"value": "u1"}]}),
        rewrite=_values(element_from_text),
    ),
    Habit(
        name="json-assignment",
        summary="a role whose value is the JSON text of an object",
        clients=("entra",),
        source="https://github.com/Captain-P-Goldfish/SCIM-SDK/issues/516",
        profiles=TOLERANT,
        verb="patch",
        resource_type="User",
        before=_patch(
            {
                "op": "Add",
                "path": "roles",
                "value": [{"value": '{"id":"1","value":"editor","displayName":"Editor"}'}],
            }
        ),
        after=_patch({"op": "Add", "path": "roles", "value": [{"display": "Editor", "value": "editor"}]}),
        rewrite=_values(assignment_from_json),
    ),
    Habit(
        name="display-alias",
        summary="displayName instead of display in members, roles or entitlements",
        clients=("entra", "entra-postman"),
        source="https://learn.microsoft.com/en-us/entra/identity/app-provisioning/customize-application-attributes",
        profiles=TOLERANT,
        verb="create",
        resource_type="User",
        before={
            "schemas": [USER],
            "userName": "a@x.test",
            "roles": [{"value": "admin", "displayName": "Admin"}],
        },
        after={"schemas": [USER], "userName": "a@x.test", "roles": [{"value": "admin", "display": "Admin"}]},
        rewrite=_values(display_from_alias),
    ),
    Habit(
        name="empty-operations",
        summary="a PATCH without operations, meant to change nothing",
        clients=("entra-validator",),
        source="https://github.com/scimmyjs/scimmy/issues/59",
        profiles=TOLERANT,
        verb="patch",
        resource_type="User",
        before=_patch(),
        after=_patch({"op": "add", "value": {}}),
        rewrite=partial(rewrite_operations, rewrite=_no_operation),
    ),
)
