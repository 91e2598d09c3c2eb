"""Filling in `{{variables}}`, and bodies built from an earlier answer."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from scim_conformance.documents import merged

_PLACEHOLDER = re.compile(r"\{\{([a-z][a-z0-9_]*)\}\}")


class UnknownVariableError(LookupError):
    """A template names a variable that neither the caller, the file nor an earlier answer gave."""

    def __init__(self, name: str) -> None:
        super().__init__(f"needs {{{{{name}}}}}, which neither a variable nor an earlier answer gave")
        self.name = name


def fill(template: Any, variables: Mapping[str, Any]) -> Any:
    """A copy of a template with every placeholder replaced; the shape is kept.

    A text that is one placeholder becomes the variable's value whatever its type; inside a longer text the
    value is written out. `{"$from": "name", "$set": {...}}` becomes the value of that variable, changed by a
    merge patch: how a client sends back the resource it has just read.

    :raises UnknownVariableError: for a variable without a value.
    """
    if isinstance(template, str):
        return _fill_text(template, variables)
    if isinstance(template, list):
        return [fill(element, variables) for element in template]
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
        for value in template.values():
            yield from variables_of(value)


def _fill_text(template: str, variables: Mapping[str, Any]) -> Any:
    whole = _PLACEHOLDER.fullmatch(template)
    if whole:
        return _value(whole[1], variables)
    return _PLACEHOLDER.sub(lambda match: str(_value(match[1], variables)), template)


def _value(name: str, variables: Mapping[str, Any]) -> Any:
    if name not in variables:
        raise UnknownVariableError(name)
    return variables[name]
