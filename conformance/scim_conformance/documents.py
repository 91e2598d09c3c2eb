"""Reading and changing JSON documents by path: RFC 7644 section 3.10 notation, RFC 7396 merge patches."""

from collections.abc import Mapping
from typing import Any


def find(document: Any, path: str) -> list[Any]:
    """Every value a path leads to, in document order; none when it leads nowhere.

    `$` is the document itself. Otherwise the path is in attribute notation (`name.givenName`,
    `urn:...:2.0:User:manager.value`), where a number picks one element of an array (`Resources.0.id`) and a
    name looks into each element (`emails.value`).
    """
    if path == "$":
        return [document]
    found = [document]
    for name in _names(document, path):
        found = [child for value in found for child in _children(value, name)]
    return found


def is_unassigned(value: Any) -> bool:
    """Whether a value says no more than a missing one: RFC 7643 section 2.5, and `""` as Entra reads it."""
    return value is None or value in ("", [], {})


def merged(document: Any, patch: Any) -> Any:
    """The document after a JSON merge patch (RFC 7396): null removes, objects merge, all else replaces."""
    if not isinstance(patch, Mapping):
        return patch
    result = dict(document) if isinstance(document, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


def _names(document: Any, path: str) -> list[str]:
    """The steps of a path. A URN has dots of its own and ends at the colon before the attribute."""
    if not path.lower().startswith("urn:"):
        return path.split(".")
    if isinstance(document, Mapping) and path in document:
        return [path]
    urn, _, attribute = path.rpartition(":")
    return [urn, *attribute.split(".")]


def _children(value: Any, name: str) -> list[Any]:
    if isinstance(value, Mapping):
        return [value[name]] if name in value else []
    if not isinstance(value, list):
        return []
    if name.isdigit():
        return value[int(name) : int(name) + 1]
    return [child for element in value for child in _children(element, name)]
