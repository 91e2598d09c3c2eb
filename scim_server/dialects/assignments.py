"""Habits in how members, roles and entitlements are written: what assigns something to somebody."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from scim_server.dialects.habits import TOLERANT, Habit
from scim_server.dialects.rewriting import listed, member, rewrite_values
from scim_server.dialects.samples import patch, user
from scim_server.protocol.errors import InvalidSyntax
from scim_server.protocol.schemas import Attribute
from scim_server.protocol.texts import parse_json

ASSIGNMENTS = frozenset({"roles", "entitlements"})
BY_VALUE = ASSIGNMENTS | {"members"}
"""Lists whose elements are known by their `value` alone."""


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


HABITS = (
    Habit(
        name="bare-element",
        summary="members, roles or entitlements as bare texts instead of objects",
        clients=("postman", "scim-patch"),
        quirks=(49,),
        source="https://github.com/AzureAD/SCIMReferenceCode/blob/master/PostmanCollection.json",
        profiles=TOLERANT,
        verb="patch",
        resource_type="Group",
        before=patch({"op": "add", "path": "members", "value": "u1"}),
        after=patch({"op": "add", "path": "members", "value": [{"value": "u1"}]}),
        rewrite=partial(rewrite_values, visit=element_from_text),
    ),
    Habit(
        name="json-assignment",
        summary="a role whose value is the JSON text of an object",
        clients=("entra",),
        quirks=(9,),
        source="https://github.com/Captain-P-Goldfish/SCIM-SDK/issues/516",
        profiles=TOLERANT,
        verb="patch",
        resource_type="User",
        before=patch(
            {
                "op": "add",
                "path": "roles",
                "value": [{"value": '{"id":"1","value":"editor","displayName":"Editor"}'}],
            }
        ),
        after=patch({"op": "add", "path": "roles", "value": [{"display": "Editor", "value": "editor"}]}),
        rewrite=partial(rewrite_values, visit=assignment_from_json),
    ),
    Habit(
        name="display-alias",
        summary="displayName instead of display in members, roles or entitlements",
        clients=("entra", "postman"),
        quirks=(10,),
        source="https://learn.microsoft.com/en-us/entra/identity/app-provisioning/customize-application-attributes",
        profiles=TOLERANT,
        verb="create",
        resource_type="User",
        before=user(roles=[{"value": "admin", "displayName": "Admin"}]),
        after=user(roles=[{"value": "admin", "display": "Admin"}]),
        rewrite=partial(rewrite_values, visit=display_from_alias),
    ),
)
