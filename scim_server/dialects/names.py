"""Habits in how attributes and parameters are named: without their URN, with dots, in other letter case."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from scim_server.dialects.filters import Edit, edited
from scim_server.dialects.habits import EVERYDAY, QUERIES, TOLERANT, Habit, Message
from scim_server.dialects.rewriting import (
    Operation,
    listed,
    named,
    op_of,
    renamed,
    rewrite_objects,
    rewrite_operations,
    with_body,
    with_member,
)
from scim_server.dialects.samples import ENTERPRISE, patch
from scim_server.protocol.grammar import Token
from scim_server.protocol.messages import PARAMETERS
from scim_server.protocol.schemas import ResourceType

_PARAMETERS = {name.lower(): name for name in PARAMETERS}
_BRACKET = re.compile(r"\[[^\[\]]*\]")
_NAME_LISTS = ("attributes", "excludedAttributes")


def parameters_as_spelt(message: Message) -> Message:
    """`startindex` and the like become the RFC's own words."""
    if message.verb not in QUERIES or not isinstance(message.body, Mapping):
        return message
    return with_body(message, renamed(message.body, lambda key: _PARAMETERS.get(key.lower(), key)))


def projections_by_name(message: Message) -> Message:
    """`attributes=emails[type eq "work"]` asks for `emails`: a projection chooses attributes, not elements."""
    if message.verb not in QUERIES or not isinstance(message.body, Mapping):
        return message
    news = {
        name: _BRACKET.sub("", names)
        for name in _NAME_LISTS
        if isinstance(names := message.body.get(name), str) and _BRACKET.search(names)
    }
    return with_body(message, {**message.body, **news}) if news else message


def colons_after_urns(message: Message) -> Message:
    """`urn:...:User.manager` means `urn:...:User:manager`."""

    def of_object(value: Mapping[str, Any], kind: ResourceType, prefix: str) -> Mapping[str, Any]:
        return value if prefix else renamed(value, lambda key: _with_colon(key, kind))

    def of_operation(operation: Operation, kind: ResourceType) -> Any:
        path = operation.get("path")
        return with_member(operation, "path", _with_colon(path, kind)) if isinstance(path, str) else operation

    return rewrite_operations(rewrite_objects(message, of_object), of_operation)


def _with_colon(name: str, kind: ResourceType) -> str:
    if name[:4].lower() != "urn:":
        return name
    lowered = name.lower()
    urns = (kind.schema.urn, *(extension.schema.urn for extension in kind.extensions))
    ends = [len(urn) for urn in urns if lowered.startswith(urn.lower() + ".")]
    return f"{name[: ends[0]]}:{name[ends[0] + 1 :]}" if ends else name


def qualified_names(message: Message) -> Message:
    """Names that only one extension knows get its URN: as keys, in paths, in queries."""
    pattern = _short_names(message.resource_type)
    if pattern is None or not isinstance(message.body, Mapping):
        return message

    def qualify(name: str) -> str:
        return _qualified(name, message.resource_type)

    if message.verb in QUERIES:
        return with_body(message, _qualified_query(message.body, pattern, message.resource_type))

    def of_object(value: Mapping[str, Any], _kind: ResourceType, prefix: str) -> Mapping[str, Any]:
        return value if prefix else renamed(value, qualify)

    def of_operation(operation: Operation, _kind: ResourceType) -> Any:
        path = operation.get("path")
        return with_member(operation, "path", qualify(path)) if isinstance(path, str) else operation

    return rewrite_operations(rewrite_objects(message, of_object), of_operation)


def _qualified_query(body: Mapping[str, Any], pattern: re.Pattern[str], kind: ResourceType) -> Mapping[str, Any]:
    for name in _NAME_LISTS:
        names = body.get(name)
        if isinstance(names, str) and pattern.search(names):
            news = ",".join(_qualified(each.strip(), kind) for each in names.split(","))
            body = body if news == names else {**body, name: news}
        elif isinstance(names, list):
            body = with_member(
                body, name, listed(names, lambda each: _qualified(each, kind) if isinstance(each, str) else each)
            )
    sort_by, condition = body.get("sortBy"), body.get("filter")
    if isinstance(sort_by, str):
        body = with_member(body, "sortBy", _qualified(sort_by, kind))
    if isinstance(condition, str):
        body = with_member(body, "filter", edited(condition, kind, _names_in_filter, pattern))
    return body


def _names_in_filter(tokens: Sequence[Token], _text: str, kind: ResourceType) -> Iterator[Edit]:
    in_brackets = False
    for token in tokens:
        if token.type in {"LBRACKET", "RBRACKET"}:
            in_brackets = token.type == "LBRACKET"
        elif token.type == "ATTRNAME" and not in_brackets:
            name = _qualified(token.value, kind)
            if name != token.value:
                yield token.index, token.end, name


def _qualified(name: str, kind: ResourceType) -> str:
    """`name` with the URN of the one extension that has it; the same text where it needs none."""
    urn = _owners(kind).get(re.split(r"[.\[]", name, maxsplit=1)[0].strip().lower())
    return name if urn is None else f"{urn}:{name.strip()}"


@cache
def _owners(kind: ResourceType) -> Mapping[str, str]:
    """The URN of the extension by the lower-cased name of an attribute, where the name is nobody else's."""
    found: dict[str, list[str]] = {}
    for urn, attribute in kind.attributes():
        found.setdefault(attribute.name.lower(), []).append(urn or "")
    return {name: urns[0] for name, urns in found.items() if urns != [""] and len(urns) == 1}


@cache
def _short_names(kind: ResourceType) -> re.Pattern[str] | None:
    names = "|".join(map(re.escape, _owners(kind)))
    return re.compile(rf"(?<![\w:.$-])(?:{names})(?![\w:$-])", re.IGNORECASE) if names else None


def keys_as_paths(message: Message) -> Message:
    """A key such as `name.givenName` is a path: an operation of its own in a PATCH, nested in a POST or PUT."""
    if message.verb == "patch":
        return rewrite_operations(message, _by_paths)
    return rewrite_objects(message, _nested)


def _by_paths(operation: Operation, kind: ResourceType) -> Any:
    """One operation for each such key, and one for each run of other members, in their order."""
    value = operation.get("value")
    if "path" in operation or not isinstance(value, Mapping) or op_of(operation) not in {"add", "replace"}:
        return operation
    parts = [part for key, inner in value.items() for part in _parts(key, inner, kind)]
    if not any(path for path, _, _ in parts):
        return operation
    operations: list[dict[str, Any]] = []
    for path, key, inner in parts:
        if path and not (inner is None and operation["op"] == "add"):
            operations.append({"op": operation["op"], "path": path, "value": inner})
        elif not path and operations and "path" not in operations[-1]:
            operations[-1]["value"][key] = inner
        elif not path:
            operations.append({"op": operation["op"], "value": {key: inner}})
    return operations


def _parts(key: str, value: Any, kind: ResourceType) -> list[tuple[str, str, Any]]:
    """The member as (path, key, value), the path "" where the key is none; an extension's object in pieces."""
    if _is_path(key, kind):
        return [(key, key, value)]
    if kind.extension(key) is None or not isinstance(value, Mapping):
        return [("", key, value)]
    inside = {name: f"{key}:{name}" for name in value if _is_path(f"{key}:{name}", kind)}
    rest = {name: inner for name, inner in value.items() if name not in inside}
    return [*([("", key, rest)] if rest or not inside else []), *((inside[name], name, value[name]) for name in inside)]


def _nested(value: Mapping[str, Any], kind: ResourceType, prefix: str) -> Mapping[str, Any]:
    if not any("." in key and _is_path(prefix + key, kind) for key in value):
        return value
    nested: dict[str, Any] = {}
    for key, inner in value.items():
        whole, _, name = key.rpartition(".")
        found = named(prefix + key, kind) if whole else None
        single = found is not None and found.sub is not None and found.attribute and not found.attribute.multi_valued
        held = nested.get(whole, value.get(whole, {})) if single else None
        if isinstance(held, Mapping) and name not in held:
            nested[whole] = {**held, name: inner}
        else:
            nested.setdefault(key, inner)
    return nested


def _is_path(key: str, kind: ResourceType) -> bool:
    if "." not in key and "[" not in key:
        return False
    found = named(key, kind)
    return found is not None and found.attribute is not None and (found.sub is not None or "[" in key)


HABITS = (
    Habit(
        name="parameter-case",
        summary="query parameters in other letter case",
        clients=("postman",),
        quirks=(39,),
        source="https://github.com/AzureAD/SCIMReferenceCode/blob/master/SCIM%20Inbound.postman_collection.json",
        profiles=TOLERANT,
        verb="query",
        resource_type="User",
        before={"startindex": "2", "Count": "5"},
        after={"startIndex": "2", "count": "5"},
        rewrite=parameters_as_spelt,
    ),
    Habit(
        name="projection-filter",
        summary="a value filter in the list of attributes to return",
        clients=("postman",),
        quirks=(),
        source="https://github.com/AzureAD/SCIMReferenceCode/blob/master/PostmanCollection.json",
        profiles=TOLERANT,
        verb="query",
        resource_type="User",
        before={"attributes": 'emails[type eq "work"]'},
        after={"attributes": "emails"},
        rewrite=projections_by_name,
    ),
    Habit(
        name="dot-after-urn",
        summary="a dot instead of a colon between the URN of a schema and the attribute",
        clients=("postman",),
        quirks=(7,),
        source="https://github.com/AzureAD/SCIMReferenceCode/blob/master/SCIM%20Inbound.postman_collection.json",
        profiles=TOLERANT,
        verb="patch",
        resource_type="User",
        before=patch({"op": "replace", "path": f"{ENTERPRISE}.manager", "value": {"value": "m1"}}),
        after=patch({"op": "replace", "path": f"{ENTERPRISE}:manager", "value": {"value": "m1"}}),
        rewrite=colons_after_urns,
    ),
    Habit(
        name="short-names",
        summary="an attribute of an extension without the extension's URN, where only one has it",
        clients=("entra",),
        quirks=(7, 25),
        source="https://learn.microsoft.com/en-us/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups",
        profiles=TOLERANT,
        verb="patch",
        resource_type="User",
        before=patch({"op": "replace", "path": "manager", "value": {"value": "m1"}}),
        after=patch({"op": "replace", "path": f"{ENTERPRISE}:manager", "value": {"value": "m1"}}),
        rewrite=qualified_names,
    ),
)

DOTTED = Habit(
    name="dotted-keys",
    summary="keys that are paths, such as name.givenName, in a value without path or in a body",
    clients=("entra",),
    quirks=(3, 4),
    source="https://learn.microsoft.com/en-us/answers/questions/1665068",
    profiles=EVERYDAY,
    verb="patch",
    resource_type="User",
    before=patch(
        {"op": "replace", "value": {"displayName": "A", "name.givenName": "B", f"{ENTERPRISE}:manager.value": "m1"}}
    ),
    after=patch(
        {"op": "replace", "value": {"displayName": "A"}},
        {"op": "replace", "path": "name.givenName", "value": "B"},
        {"op": "replace", "path": f"{ENTERPRISE}:manager.value", "value": "m1"},
    ),
    rewrite=keys_as_paths,
)
