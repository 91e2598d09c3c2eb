"""RFC 7644 section 3.9 and RFC 7643 section 7 (`returned`): which attributes of a resource an answer shows.

What to show is worked out once per set of names and kept: a page costs little more than copying its keys.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from scim_server.protocol.changes import Change
from scim_server.protocol.errors import InvalidValue
from scim_server.protocol.paths import AttributePath, UnknownAttribute, leaves, resolve, values_at
from scim_server.protocol.schemas import Attribute, ResourceType

Selection = dict[str, "Selection | None"]
"""The keys to show; under each, None for the whole value or the selection within it."""


def project(
    document: Mapping[str, Any],
    resource_type: ResourceType,
    attributes: Sequence[str] = (),
    excluded: Sequence[str] = (),
    requested: AbstractSet[str] = frozenset(),
) -> dict[str, Any]:
    """The part of `document` that an answer shows; it shares its values with `document`.

    `attributes` and `excluded` are names as the client gave them; unknown ones are ignored, both together
    raise InvalidValue. `requested` names attributes with `returned: request` (or their extension's URN) that
    are to be shown by default: those the client has just written, or those a tenant always wants. `schemas`
    gains the URN of an extension that is shown.
    """
    return _projection(resource_type, tuple(attributes), tuple(excluded), frozenset(requested)).of(document)


@lru_cache(maxsize=256)
def projection_mark(resource_type: ResourceType) -> str:
    """Tells what an answer shows of this type by default from what it ever showed otherwise: the same in every process,
    another one as soon as a schema is."""
    projection = _projection(resource_type, (), (), frozenset())
    told = repr((projection.selection, projection.extensions, sorted(projection.own)))
    return blake2b(told.encode(), digest_size=6).hexdigest()


def refuse_both(attributes: Sequence[str], excluded: Sequence[str]) -> None:
    """Raises InvalidValue where both are given: RFC 7644 section 3.9 makes them mutually exclusive."""
    if attributes and excluded:
        raise InvalidValue("'attributes' and 'excludedAttributes' exclude each other; give one of them")


@lru_cache(maxsize=1024)
def shows(
    name: str,
    resource_type: ResourceType,
    attributes: tuple[str, ...] = (),
    excluded: tuple[str, ...] = (),
    requested: frozenset[str] = frozenset(),
) -> bool:
    """Whether an answer has a place for the attribute `name`; a costly one is not loaded in vain."""
    return _has(
        _projection(resource_type, attributes, excluded, requested).selection, resolve(name, resource_type).keys
    )


def given(document: Mapping[str, Any], resource_type: ResourceType) -> frozenset[str]:
    """The attributes with `returned: request` that a client has just written; `project` shows them as requested."""
    return frozenset(
        str(path) for path in _on_request(resource_type) if any(True for _ in values_at(document, path.keys))
    )


def given_by(changes: Iterable[Change], resource_type: ResourceType) -> frozenset[str]:
    """The same for the changes of a PATCH: what one of them writes, or lies in, or lies below."""
    written = [_keys(change) for change in changes if change.op in {"add", "replace"}]
    return frozenset(
        str(path)
        for path in _on_request(resource_type)
        if any(path.keys[: len(keys)] == keys[: len(path.keys)] for keys in written)
    )


def _keys(change: Change) -> tuple[str, ...]:
    target = change.target
    return (*target.path.keys, *(() if target.sub is None else (target.sub.name,)))


@lru_cache(maxsize=256)
def _on_request(resource_type: ResourceType) -> tuple[AttributePath, ...]:
    return tuple(path for path in leaves(resource_type) if _returned(path) == "request")


def _has(selection: Selection, keys: Sequence[str]) -> bool:
    if keys[0] not in selection:
        return False
    within = selection[keys[0]]
    return len(keys) == 1 or within is None or _has(within, keys[1:])


@dataclass(frozen=True, eq=False, slots=True)
class _Projection:
    """What to show of the resources of a type. `extensions` are the URNs that may be shown, `own` all that it knows."""

    resource_type: ResourceType
    selection: Selection
    extensions: tuple[str, ...]
    own: frozenset[str]

    def of(self, document: Mapping[str, Any]) -> dict[str, Any]:
        shown = _members(document, self.selection)
        listed = shown.get("schemas", [])
        if not self.own.issuperset(listed):
            listed = shown["schemas"] = [urn for urn in listed if self._knows(urn)] if len(listed) > 1 else listed
        missing = [urn for urn in self.extensions if urn in shown and urn not in listed]
        if missing:
            shown["schemas"] = [*listed, *missing]
        return shown

    def _knows(self, urn: str) -> bool:
        """Whether a stored resource's URN is one of its type's: a schema file may have been taken away since."""
        return urn in self.own or self.resource_type.extension(urn) is not None


@lru_cache(maxsize=256)
def _projection(
    resource_type: ResourceType,
    attributes: tuple[str, ...],
    excluded: tuple[str, ...],
    requested: frozenset[str],
) -> _Projection:
    refuse_both(attributes, excluded)
    named = _Names(attributes or requested, resource_type)
    hidden = _Names(excluded, resource_type)
    selected: Selection = {}
    for path in leaves(resource_type):
        if _is_shown(path, named, hidden, by_name=bool(attributes)):
            _select(selected, path)
    selection = {name: _simplified(name, within, resource_type) for name, within in selected.items()}
    urns = [extension.schema.urn for extension in resource_type.extensions]
    shown = tuple(urn for urn in urns if urn in selection)
    return _Projection(resource_type, selection, shown, frozenset({resource_type.schema.urn, *urns}))


def _shown(value: Any, selection: Selection) -> Any:
    if isinstance(value, list):
        return [shown for element in value if (shown := _shown(element, selection))]
    return _members(value, selection) if isinstance(value, Mapping) else value


def _members(document: Mapping[str, Any], selection: Selection) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, inner in document.items():
        if name in selection:
            within = selection[name]
            if within is None:
                members[name] = inner
            elif (part := _shown(inner, within)) not in ({}, []):
                members[name] = part
    return members


class _Names:
    """The places that a client's names mean: an extension, an attribute, a sub-attribute."""

    def __init__(self, names: Iterable[str], resource_type: ResourceType) -> None:
        self.keys = {path.keys for path in _resolved(names, resource_type)}

    def cover(self, keys: tuple[str, ...]) -> bool:
        """Whether the place, or what it lies in, is named."""
        return any(keys[:end] in self.keys for end in range(1, len(keys) + 1))


def _resolved(names: Iterable[str], resource_type: ResourceType) -> Iterator[AttributePath]:
    for name in names:
        try:
            yield resolve(name.strip(), resource_type)
        except UnknownAttribute:
            continue


def _is_shown(path: AttributePath, named: _Names, hidden: _Names, *, by_name: bool) -> bool:
    returned = _returned(path)
    if returned in {"always", "never"}:
        return returned == "always"
    if hidden.cover(path.keys):
        return False
    asked = named.cover(path.keys)
    if path.sub is not None and path.sub.returned == "request":
        return path.keys in named.keys
    return asked or (returned == "default" and not by_name)


def _returned(path: AttributePath) -> str:
    """The characteristic that decides: the attribute's, or its sub-attribute's where that is stricter."""
    own = [part.returned for part in (path.attribute, path.sub) if part is not None]
    return next((kind for kind in ("never", "request", "default") if kind in own), "always")


def _select(selection: Selection, path: AttributePath) -> None:
    *holders, name = path.keys
    for holder in holders:
        within = selection.setdefault(holder, {})
        selection = within if within is not None else {}
    selection[name] = None


def _simplified(name: str, within: Selection | None, resource_type: ResourceType) -> Selection | None:
    """None in place of a selection that leaves nothing out."""
    if within is None:
        return None
    extension = resource_type.extension(name)
    if extension is None:
        return _whole_or(within, resource_type.attribute(name))
    return {inner: _whole_or(kept, extension.attribute(inner)) for inner, kept in within.items()}


def _whole_or(within: Selection | None, attribute: Attribute | None) -> Selection | None:
    if within is None or attribute is None or len(within) == len(attribute.sub_attributes):
        return None
    return within
