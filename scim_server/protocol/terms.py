"""RFC 7644 section 3.5.2: what the `eq` terms of a value filter say about the elements it matches."""

import json
import re
from typing import Any

from scim_server.protocol.filters import And, Comparison, Filter
from scim_server.protocol.normalising import comparable
from scim_server.protocol.schemas import Attribute

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')


def equal_terms(filter_: Filter) -> tuple[list[tuple[Attribute, Any]], bool]:
    """The `sub eq value` terms that every match satisfies, and whether the filter says nothing else."""
    terms: list[tuple[Attribute, Any]] = []
    complete = True
    waiting: list[Filter] = [filter_]
    while waiting:
        term = waiting.pop()
        if isinstance(term, And):
            waiting.extend(reversed(term.terms))
        elif isinstance(term, Comparison) and term.operator == "eq" and term.path.sub is not None:
            terms.append((term.path.sub, term.value))
        else:
            complete = False
    return terms, complete


def described_element(filter_: Filter, text: str) -> dict[str, Any] | None:
    """The element that does not exist yet, as far as `filter_` describes it (C-03).

    None where it has other terms than `eq` joined by `and`, contradicts itself, or names what only the server
    sets. `text` is the path the filter was read from: the tree holds texts folded, the element takes them as
    they were written.
    """
    terms, complete = equal_terms(filter_)
    if not complete:
        return None
    literals = _literals(text)
    compared: dict[str, Any] = {}
    element: dict[str, Any] = {}
    for sub, value in terms:
        if sub.mutability == "readOnly" or compared.get(sub.name, value) != value:
            return None
        compared[sub.name] = value
        element.setdefault(sub.name, _as_written(sub, value, literals))
    return element


def _literals(text: str) -> list[str]:
    found = []
    for quoted in _QUOTED.findall(text):
        try:
            found.append(str(json.loads(quoted)))
        except ValueError:
            continue
    return found


def _as_written(sub: Attribute, value: Any, literals: list[str]) -> Any:
    """The literal that `value` was read from, which is taken out of `literals`; they come in order."""
    if isinstance(value, str):
        for position, literal in enumerate(literals):
            if _same_text(sub, literal, value):
                del literals[: position + 1]
                return literal
    return value


def _same_text(sub: Attribute, text: str, value: str) -> bool:
    try:
        return bool(comparable(sub, text) == value)
    except ValueError:
        return False
