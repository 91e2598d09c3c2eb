"""Walks the places of a message where clients put things, for habits to rewrite one of them.

Everything here gives back the same object where there is nothing to do, so that "nothing changed" needs no
comparing, and leaves what has another shape to the protocol, which refuses it.
"""

from collections.abc import Callable, Mapping, Set
from dataclasses import replace
from functools import lru_cache
from typing import Any

from scim_server.dialects.habits import Message
from scim_server.protocol.changes import OPS
from scim_server.protocol.paths import AttributePath, UnknownAttribute, resolve
from scim_server.protocol.schemas import Attribute, ResourceType

Operation = Mapping[str, Any]
OperationChange = Callable[[Operation, ResourceType], Any]
"""Makes of one operation the same one, another, or a list of them."""
ObjectChange = Callable[[Mapping[str, Any], ResourceType, str], Mapping[str, Any]]
"""Makes another object of attributes of one; the text is what stands before their names: "" or `urn:...:`."""
Visit = Callable[[Attribute, Any], Any]
"""Makes another value of an attribute's value."""

LONGEST_KEPT_NAME = 200


def with_body(message: Message, body: Any) -> Message:
    """`message` with that body; the same one where it has it already."""
    return message if body is message.body else replace(message, body=body)


def rewrite_operations(message: Message, change: OperationChange) -> Message:
    """`message`, if it is a PATCH, with every operation as `change` makes it."""
    operations = operations_in(message)
    if operations is None:
        return message
    news: list[Any] = []
    same = True
    for operation in operations:
        new = change(operation, message.resource_type) if isinstance(operation, Mapping) else operation
        same = same and new is operation
        news += new if isinstance(new, list) and new is not operation else [new]
    return message if same else with_body(message, {**message.body, "Operations": news})


def operations_in(message: Message) -> list[Any] | None:
    """The operations of a PATCH; None where the message has none."""
    if message.verb != "patch" or not isinstance(message.body, Mapping):
        return None
    operations = message.body.get("Operations")
    return operations if isinstance(operations, list) else None


def rewrite_objects(message: Message, change: ObjectChange) -> Message:
    """`message` with every object of attributes as `change` makes it.

    Those are the body of a POST or PUT, the value of an operation without path, and what lies in one of them
    (or at a path) under the URN of an extension.
    """
    kind = message.resource_type

    def of_operation(operation: Operation, _kind: ResourceType) -> Any:
        value = operation.get("value")
        if not isinstance(value, Mapping):
            return operation
        if operation.get("path") is None:
            return with_member(operation, "value", _changed(value, kind, change))
        found = named(operation["path"], kind)
        if found is None or found.attribute is not None:
            return operation
        return with_member(operation, "value", change(value, kind, f"{found.urn}:"))

    if message.verb in {"create", "replace"} and isinstance(message.body, Mapping):
        return with_body(message, _changed(message.body, kind, change))
    return rewrite_operations(message, of_operation)


def _changed(value: Mapping[str, Any], kind: ResourceType, change: ObjectChange) -> Mapping[str, Any]:
    def within(key: str, inner: Any) -> Any:
        urn = kind.extension(key)
        return inner if urn is None or not isinstance(inner, Mapping) else change(inner, kind, f"{urn.urn}:")

    return mapped(change(value, kind, ""), within)


def rewrite_values(message: Message, visit: Visit, ops: Set[str] = OPS) -> Message:
    """`message` with every attribute value as `visit` makes it, wherever it stands; at a path for those `ops` alone."""

    def of_object(value: Mapping[str, Any], kind: ResourceType, prefix: str) -> Mapping[str, Any]:
        return mapped(value, lambda key, inner: visit_at(prefix + key, inner, kind, visit))

    def of_operation(operation: Operation, kind: ResourceType) -> Any:
        path = operation.get("path")
        if path is None or "value" not in operation or op_of(operation) not in ops:
            return operation
        return with_member(operation, "value", visit_at(path, operation["value"], kind, visit))

    return rewrite_operations(rewrite_objects(message, of_object), of_operation)


def visit_at(path: Any, value: Any, kind: ResourceType, visit: Visit) -> Any:
    """What `visit` makes of the value at `path`. One element behind a bracket is shown as a list of one."""
    found = named(path, kind)
    if found is None or found.attribute is None:
        return value
    if found.sub is not None or "[" not in path or isinstance(value, list):
        return visit(found.leaf, value)
    alone = [value]
    new = visit(found.leaf, alone)
    return value if new is alone else new[0] if isinstance(new, list) and len(new) == 1 else new


def op_of(operation: Operation) -> str:
    """What the operation is to do; "" where it does not say so in a text."""
    op = operation.get("op")
    return op if isinstance(op, str) else ""


def named(path: Any, kind: ResourceType) -> AttributePath | None:
    """What a path names, its value filter left out; None where it names nothing."""
    if not isinstance(path, str):
        return None
    head, bracket, rest = path.partition("[")
    name = head + rest.rpartition("]")[2] if bracket else path
    return _known(name, kind) if len(name) <= LONGEST_KEPT_NAME else _named(name, kind)


def _named(name: str, kind: ResourceType) -> AttributePath | None:
    try:
        return resolve(name.strip(), kind)
    except UnknownAttribute:
        return None


_known = lru_cache(maxsize=1024)(_named)


def mapped(value: Mapping[str, Any], change: Callable[[str, Any], Any]) -> Mapping[str, Any]:
    """An object with every member changed."""
    news = {key: new for key, inner in value.items() if (new := change(key, inner)) is not inner}
    return {**value, **news} if news else value


def each_object(value: Any, change: Callable[[Mapping[str, Any]], Any]) -> Any:
    """A list with every object in it changed, or the one object; all else as it is."""
    return listed(value, lambda element: change(element) if isinstance(element, Mapping) else element)


def listed(value: Any, change: Callable[[Any], Any]) -> Any:
    """A list with every element changed. Any other value is changed as one."""
    if not isinstance(value, list):
        return change(value)
    news = [change(inner) for inner in value]
    return news if any(new is not inner for new, inner in zip(news, value, strict=True)) else value


def kept(value: Mapping[str, Any], keeps: Callable[[str], bool]) -> Mapping[str, Any]:
    """An object with just the members whose name `keeps` takes."""
    if all(map(keeps, value)):
        return value
    return {key: inner for key, inner in value.items() if keeps(key)}


def renamed(value: Mapping[str, Any], rename: Callable[[str], str]) -> Mapping[str, Any]:
    """An object with its members renamed in place, as far as none gets the name of another."""
    news = {key: name for key in value if (name := rename(key)) != key and name not in value}
    if not news or len(set(news.values())) != len(news):
        return value
    return {news.get(key, key): inner for key, inner in value.items()}


def with_member(value: Mapping[str, Any], name: str, inner: Any) -> Mapping[str, Any]:
    """`value` with that member; the same object where it has it already."""
    return value if value.get(name) is inner else {**value, name: inner}


def member(value: Mapping[str, Any], name: str) -> Any:
    """The member of that name, in any letter case; None where there is none."""
    return next((inner for key, inner in value.items() if key.lower() == name), None)
