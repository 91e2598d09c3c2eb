"""Habits in how values are written: text for booleans, one thing for a list of one, nothing for null."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from scim_server.dialects.habits import EVERYDAY, TOLERANT, Habit, Message
from scim_server.dialects.rewriting import each_object, listed, mapped, member, rewrite_values
from scim_server.dialects.samples import ENTERPRISE, USER, patch, user
from scim_server.protocol.schemas import Attribute

WRITING = frozenset({"add", "replace"})

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

    return each_object(value, lambda element: mapped(element, flag))


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


def list_of_one(attribute: Attribute, value: Any) -> Any:
    """A bare object where a list of them is due."""
    return [value] if attribute.multi_valued and isinstance(value, Mapping) else value


def null_from_empty_text(attribute: Attribute, value: Any) -> Any:
    """`""` becomes null, also inside an object; among the elements of a list it goes."""
    if attribute.names_resources or (attribute.required and value == ""):
        return value
    if isinstance(value, list):
        some = [element for element in value if element != ""]
        return listed(value if len(some) == len(value) else some, _without_empty_text)
    return _without_empty_text(value)


def _without_empty_text(value: Any) -> Any:
    if value == "":
        return None
    return mapped(value, lambda _key, inner: None if inner == "" else inner) if isinstance(value, Mapping) else value


def cleared_values(message: Message) -> Message:
    """In a PATCH alone, as a POST or PUT that says `""` is taken at its word; and never in what is to be removed."""
    return message if message.verb != "patch" else rewrite_values(message, null_from_empty_text, WRITING)


HABITS = (
    Habit(
        name="boolean-text",
        summary='"True" and "False" as text for a boolean attribute',
        clients=("entra", "keycloak"),
        quirks=(2,),
        source="https://learn.microsoft.com/en-us/entra/identity/app-provisioning/application-provisioning-config-problem-scim-compatibility",
        profiles=EVERYDAY,
        verb="patch",
        resource_type="User",
        before=patch({"op": "replace", "path": "active", "value": "False"}),
        after=patch({"op": "replace", "path": "active", "value": False}),
        rewrite=partial(rewrite_values, visit=boolean_from_text),
    ),
    Habit(
        name="bare-manager",
        summary="the manager as bare text or in an array instead of an object",
        clients=("entra",),
        quirks=(7,),
        source="https://github.com/apache/directory-scimple/issues/1242",
        profiles=EVERYDAY,
        verb="create",
        resource_type="User",
        before={"schemas": [USER, ENTERPRISE], "userName": "a@x.test", ENTERPRISE: {"manager": "m1"}},
        after={"schemas": [USER, ENTERPRISE], "userName": "a@x.test", ENTERPRISE: {"manager": {"value": "m1"}}},
        rewrite=partial(rewrite_values, visit=manager_object),
    ),
    Habit(
        name="single-element",
        summary="one object where a list of them is due",
        clients=("onelogin", "scim-patch"),
        quirks=(49, 67),
        source="https://github.com/15five/django-scim2/blob/master/src/django_scim/adapters.py",
        profiles=TOLERANT,
        verb="create",
        resource_type="User",
        before=user(emails={"value": "a@x.test", "type": "work"}),
        after=user(emails=[{"value": "a@x.test", "type": "work"}]),
        rewrite=partial(rewrite_values, visit=list_of_one),
    ),
    Habit(
        name="empty-text",
        summary="empty texts in the value of a PATCH, meant to clear",
        clients=("entra-validator",),
        quirks=(18,),
        source="https://github.com/AzureAD/SCIMReferenceCode/tree/master/Microsoft.SCIM.LogicAppValidationTemplate/StandardLogicApp",
        profiles=TOLERANT,
        verb="patch",
        resource_type="User",
        before=patch({"op": "replace", "value": {"title": "", "name": {"givenName": ""}}}),
        after=patch({"op": "replace", "value": {"title": None, "name": {"givenName": None}}}),
        rewrite=cleared_values,
    ),
)
