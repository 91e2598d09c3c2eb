"""RFC 7644 section 3.7.2: `bulkId:x` where a resource is named, in a body or in the path of a PATCH operation.

Only attributes that name resources hold references: `value` beside `$ref` (members, manager), and attributes of
type reference that point at resource types. A displayName that reads `bulkId:x` is a displayName.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scim_server.protocol.grammar import MAX_LENGTH
from scim_server.protocol.paths import AttributePath, UnknownAttribute, resolve
from scim_server.protocol.schemas import Attribute, ResourceType

_REFERENCE = re.compile(r"bulkid:(.+)", re.IGNORECASE | re.DOTALL)
_LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"')
_ELSEWHERE = frozenset({"external", "uri"})
"""Types of references that point at no resource of this server (RFC 7643 section 7)."""

CUT = object()
"""In place of a reference: leave out whatever it stands in, the element of a list or the attribute."""

Substitute = Callable[[str], Any]
"""From the bulkId of a reference to the id to write there, or CUT."""


def bulk_id_in(text: str) -> str | None:
    """The bulkId that a text refers to."""
    found = _REFERENCE.fullmatch(text)
    return found.group(1) if found else None


def references(body: Any, kind: ResourceType, *, patch: bool) -> set[str]:
    """The bulkIds that a body of a resource, or of a PATCH, refers to."""
    found: set[str] = set()

    def note(bulk_id: str) -> str:
        found.add(bulk_id)
        return f"bulkId:{bulk_id}"

    substituted(body, kind, note, patch=patch)
    return found


def substituted(body: Any, kind: ResourceType, substitute: Substitute, *, patch: bool) -> Any:
    """The body with every reference as `substitute` gives it; what is no body of `kind` stays as it is."""
    if not isinstance(body, Mapping):
        return body
    walk = _Walk(kind, substitute)
    if not patch:
        return walk.resource(body)
    return {key: walk.operations(inner) if key.lower() == "operations" else inner for key, inner in body.items()}


@dataclass(frozen=True, slots=True)
class _Walk:
    kind: ResourceType
    substitute: Substitute

    def operations(self, operations: Any) -> Any:
        if not isinstance(operations, list):
            return operations
        return [self._operation(each) if isinstance(each, Mapping) else each for each in operations]

    def resource(self, members: Mapping[str, Any], urn: str = "") -> dict[str, Any]:
        """An object of attributes; `urn` is the extension that they belong to, colon included."""
        return dict(self._members(members, urn))

    def _members(self, members: Mapping[str, Any], urn: str) -> Iterator[tuple[str, Any]]:
        for key, value in members.items():
            written = self._at(_named(urn + key, self.kind), value, nested=bool(urn))
            if written is not CUT:
                yield key, written

    def _operation(self, operation: Mapping[str, Any]) -> dict[str, Any]:
        path = next((inner for key, inner in operation.items() if key.lower() == "path"), None)
        found = _named(path, self.kind)

        def written(key: str, value: Any) -> Any:
            if key.lower() == "path" and found is not None:
                return self._in_path(value, found)
            if key.lower() != "value":
                return value
            if path is None:
                return self.resource(value) if isinstance(value, Mapping) else value
            return self._at(found, value)

        return {key: written(key, value) for key, value in operation.items()}

    def _at(self, path: AttributePath | None, value: Any, *, nested: bool = False) -> Any:
        if path is None:
            return value
        if path.attribute is not None:
            return self._value(path.leaf, value, path.attribute if path.sub else None)
        return self.resource(value, f"{path.urn}:") if isinstance(value, Mapping) and not nested else value

    def _value(self, attribute: Attribute, value: Any, parent: Attribute | None) -> Any:
        if isinstance(value, list):
            written = [self._value(attribute, each, parent) for each in value]
            return [each for each in written if each is not CUT]
        if isinstance(value, Mapping):
            parts = {key: self._part(attribute, key, inner) for key, inner in value.items()}
            return CUT if CUT in parts.values() else parts
        if isinstance(value, str) and _names_resource(attribute, parent):
            return self._text(value)
        return value

    def _part(self, attribute: Attribute, key: str, value: Any) -> Any:
        sub = attribute.sub(key)
        return value if sub is None else self._value(sub, value, attribute)

    def _text(self, text: str) -> Any:
        bulk_id = bulk_id_in(text)
        return text if bulk_id is None else self.substitute(bulk_id)

    def _in_path(self, path: str, found: AttributePath) -> str:
        """`members[value eq "bulkId:x"]` with the literals between the brackets replaced."""
        head, bracket, rest = path.partition("[")
        if not bracket or len(path) > MAX_LENGTH or found.attribute is None or found.attribute.sub("$ref") is None:
            return path
        return head + bracket + _LITERAL.sub(self._literal, rest)

    def _literal(self, found: re.Match[str]) -> str:
        try:
            return json.dumps(self._text(json.loads(found.group())), ensure_ascii=False)
        except ValueError:
            return found.group()


def _names_resource(attribute: Attribute, parent: Attribute | None) -> bool:
    if attribute.type == "reference":
        return not _ELSEWHERE.issuperset(attribute.reference_types)
    return attribute.name == "value" and parent is not None and parent.sub("$ref") is not None


def _named(path: Any, kind: ResourceType) -> AttributePath | None:
    """What a key or path names, its value filter left out."""
    if not isinstance(path, str):
        return None
    head, bracket, rest = path.partition("[")
    try:
        return resolve((head + rest.rpartition("]")[2] if bracket else path).strip(), kind)
    except UnknownAttribute:
        return None
