"""Filling in `{{variables}}`, and bodies built from an earlier answer."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from scim_conformance.documents import merged

_PLACEHOLDER = re.compile(r"\{\{([a-z][a-z0-9_]*)\}\}")
_COUNTER = "number"


class UnknownVariableError(LookupError):
    """A template names a variable that neither the caller, the file nor an earlier answer gave."""

    def __init__(self, name: str) -> None:
        super().__init__(f"needs {{{{{name}}}}}, which neither a variable nor an earlier answer gave")
        self.name = name


def fill(template: Any, variables: Mapping[str, Any]) -> Any:
    """A copy of a template with every placeholder replaced; the shape is kept.

    A text that is one placeholder becomes the variable's value whatever its type; inside a longer text the
    value is written out. `{"$from": "name", "$set": {...}}` becomes the value of that variable, changed by a
    merge patch: how a client sends back the resource it has just read. In an array,
    `{"$repeat": 256, "$each": [...]}` stands for these elements so many times over, with `{{number}}` counting
    from 1: how a file holds a request of thousands of members.

    :raises UnknownVariableError: for a variable without a value.
    """
    if isinstance(template, str):
        return _fill_text(template, variables)
    if isinstance(template, list):
        return [filled for element in template for filled in _fill_element(element, variables)]
    if not isinstance(template, Mapping):
        return template
    if "$from" in template:
        return merged(_value(template["$from"], variables), fill(template.get("$set", {}), variables))
    return {name: fill(value, variables) for name, value in template.items()}


def fill_path(template: str, variables: Mapping[str, Any]) -> str:
    """The same for a path and query: values are percent-encoded, so that none can leave its place."""
    return _PLACEHOLDER.sub(lambda match: quote(str(_value(match[1], variables)), safe=""), template)


def variables_of(template: Any) -> Iterator[str]:
    """The names of the variables that a template needs."""
    if isinstance(template, str):
        yield from _PLACEHOLDER.findall(template)
    elif isinstance(template, list):
        for element in template:
            yield from variables_of(element)
    elif isinstance(template, Mapping):
        if "$from" in template:
            yield template["$from"]
        own = {_COUNTER} if "$repeat" in template else set()
        for value in template.values():
            yield from (name for name in variables_of(value) if name not in own)


def _fill_element(element: Any, variables: Mapping[str, Any]) -> Iterator[Any]:
    """What one element of an array stands for: itself, or the elements that it repeats."""
    if not isinstance(element, Mapping) or "$repeat" not in element:
        yield fill(element, variables)
        return
    for number in range(1, element["$repeat"] + 1):
        yield from fill(element["$each"], {**variables, _COUNTER: number})


def _fill_text(template: str, variables: Mapping[str, Any]) -> Any:
    whole = _PLACEHOLDER.fullmatch(template)
    if whole:
        return _value(whole[1], variables)
    return _PLACEHOLDER.sub(lambda match: str(_value(match[1], variables)), template)


def _value(name: str, variables: Mapping[str, Any]) -> Any:
    if name not in variables:
        raise UnknownVariableError(name)
    return variables[name]
