"""Walks the attribute values of a body, wherever a client may have put them.

POST and PUT: members of the body, flat or inside an extension's object. PATCH: `value` of each operation, at
its `path` or key by key without one. A visitor gets the attribute that a value is for and the value, and
gives back the same object where there is nothing to do, so that "nothing changed" needs no comparing.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from scim_server.dialects.habits import Message
from scim_server.protocol.paths import named
from scim_server.protocol.schemas import Attribute, ResourceType

Visit = Callable[[Attribute, Any], Any]


def rewrite_values(message: Message, visit: Visit) -> Message:
    """`message` with every attribute value replaced by what `visit` makes of it."""
    if message.verb == "patch":
        return rewrite_operations(message, lambda each: listed(each, _operation(message.resource_type, visit)))
    if message.verb == "query":
        return message
    return _with_body(message, _members(message.resource_type, visit)(message.body))


def rewrite_operations(message: Message, rewrite: Callable[[Any], Any]) -> Message:
    """`message`, a PATCH, with its `Operations` (whatever they are) as `rewrite` makes them."""
    if message.verb != "patch":
        return message
    return _with_body(message, mapped(message.body, lambda key, value: _if(key, "operations", rewrite, value)))


def mapped(value: Any, change: Callable[[str, Any], Any]) -> Any:
    """An object with every member changed; the same object where none was, and for every other shape."""
    if not isinstance(value, Mapping):
        return value
    news = {key: new for key, inner in value.items() if (new := change(key, inner)) is not inner}
    return {**value, **news} if news else value


def listed(value: Any, change: Callable[[Any], Any]) -> Any:
    """A list with every element changed; the same list where none was. Any other value is changed as one."""
    if not isinstance(value, list):
        return change(value)
    news = [change(inner) for inner in value]
    return news if any(new is not inner for new, inner in zip(news, value, strict=True)) else value


def member(value: Mapping[str, Any], name: str) -> Any:
    """The member of that name, in any letter case; None where there is none."""
    return next((inner for key, inner in value.items() if key.lower() == name), None)


def _operation(resource_type: ResourceType, visit: Visit) -> Callable[[Any], Any]:
    """Rewrites `value` of one operation of a PATCH."""

    def rewrite(operation: Any) -> Any:
        if not isinstance(operation, Mapping):
            return operation
        path = member(operation, "path")
        whole = _members(resource_type, visit)
        change = whole if path is None else lambda value: _at(path, value, resource_type, visit)
        return mapped(operation, lambda key, value: _if(key, "value", change, value))

    return rewrite


def _members(resource_type: ResourceType, visit: Visit, prefix: str = "") -> Callable[[Any], Any]:
    """Rewrites an object of attributes; `prefix` is the URN they belong to, colon included."""
    return lambda value: mapped(
        value, lambda key, inner: _at(prefix + key, inner, resource_type, visit, nested=bool(prefix))
    )


def _at(path: Any, value: Any, resource_type: ResourceType, visit: Visit, *, nested: bool = False) -> Any:
    found = named(path, resource_type)
    if found is None:
        return value
    if found.attribute is not None:
        return visit(found.leaf, value)
    return value if nested else _members(resource_type, visit, f"{found.urn}:")(value)


def _if(key: str, name: str, change: Callable[[Any], Any], value: Any) -> Any:
    return change(value) if key.lower() == name else value


def _with_body(message: Message, body: Any) -> Message:
    return message if body is message.body else replace(message, body=body)
