"""Comparing an answer with what a traffic file states about it, and with nothing more."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from scim_conformance.documents import find, is_unassigned

_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "array": (list,),
    "object": (dict,),
}
_LONGEST_QUOTE = 200


@dataclass(frozen=True)
class Expectation:
    """What a file states about one answer.

    `body` is a subset: objects may hold more, an array must contain each stated element in any order.
    `{"$only": [...]}` is an array of exactly these elements; `{"$type": "integer"}` states a type alone,
    `{"$matches": "^https:"}` a regular expression that is found in a text.
    """

    status: tuple[int, ...]
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    absent: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    """What came back: `body` is decoded JSON, the text where it is not JSON, None where there is none."""

    status: int
    headers: Mapping[str, str]
    body: Any


def mismatches(expected: Expectation, answer: Answer) -> list[str]:
    """One sentence for each point in which an answer is not as stated; a 204 has no body to compare."""
    found = []
    if answer.status not in expected.status:
        wanted = " or ".join(map(str, expected.status))
        found.append(f"status: {answer.status} came, {wanted} was expected{_detail(answer.body)}")
    found += _compare_headers(expected.headers, answer.headers)
    if answer.status == 204 or answer.status not in expected.status:
        return found
    if expected.body is not None:
        found += _compare(expected.body, answer.body, "")
    found += _compare_absent(expected.absent, answer.body)
    return found


def type_names() -> frozenset[str]:
    """The names that `$type` knows."""
    return frozenset(_TYPES)


def _compare_headers(expected: Mapping[str, str], actual: Mapping[str, str]) -> Iterator[str]:
    """Parameters after a semicolon count only where the file states them."""
    received = {name.lower(): value for name, value in actual.items()}
    for name, value in expected.items():
        came = received.get(name.lower())
        if came is None or value.lower() not in (came.lower(), came.partition(";")[0].strip().lower()):
            yield f"header {name}: {_quote(came)} came, {_quote(value)} was expected"


def _compare_absent(paths: tuple[str, ...], body: Any) -> Iterator[str]:
    for path in paths:
        for value in find(body, path):
            if not is_unassigned(value):
                yield f"{path}: {_quote(value)} came, nothing was expected"


def _compare(expected: Any, actual: Any, path: str) -> Iterator[str]:
    if isinstance(expected, Mapping):
        yield from _compare_object(expected, actual, path)
    elif isinstance(expected, list):
        yield from _compare_array(expected, actual, path)
    elif type(expected) is not type(actual) or expected != actual:
        yield _difference(path, expected, actual)


def _compare_object(expected: Mapping[str, Any], actual: Any, path: str) -> Iterator[str]:
    if "$type" in expected:
        if type(actual) not in _TYPES[expected["$type"]]:
            yield f"{path or 'body'}: {_quote(actual)} came, a value of type {expected['$type']} was expected"
    elif "$matches" in expected:
        if not isinstance(actual, str) or not re.search(expected["$matches"], actual):
            yield f"{path or 'body'}: {_quote(actual)} came, a text like {expected['$matches']} was expected"
    elif "$only" in expected:
        yield from _compare_whole_array(expected["$only"], actual, path)
    elif not isinstance(actual, Mapping):
        yield _difference(path, expected, actual)
    else:
        for name, value in expected.items():
            place = f"{path}.{name}" if path else name
            if name in actual:
                yield from _compare(value, actual[name], place)
            else:
                yield f"{place}: missing, {_quote(value)} was expected"


def _compare_array(expected: list[Any], actual: Any, path: str) -> Iterator[str]:
    if not isinstance(actual, list):
        yield _difference(path, expected, actual)
        return
    for wanted in expected:
        if not any(_agree(wanted, element) for element in actual):
            yield f"{path or 'body'}: no element is like {_quote(wanted)} in {_quote(actual)}"


def _compare_whole_array(expected: list[Any], actual: Any, path: str) -> Iterator[str]:
    yield from _compare_array(expected, actual, path)
    if not isinstance(actual, list):
        return
    strangers = [element for element in actual if not any(_agree(wanted, element) for wanted in expected)]
    for element in strangers:
        yield f"{path or 'body'}: unexpected element {_quote(element)}"
    if not strangers and len(actual) > len(expected):
        yield f"{path or 'body'}: {len(actual)} elements came, {len(expected)} were expected"


def _agree(expected: Any, actual: Any) -> bool:
    return not any(True for _ in _compare(expected, actual, ""))


def _difference(path: str, expected: Any, actual: Any) -> str:
    return f"{path or 'body'}: {_quote(actual)} came, {_quote(expected)} was expected"


def _detail(body: Any) -> str:
    """The reason an error gives for itself, which is usually all one needs to know."""
    detail = body.get("detail") if isinstance(body, Mapping) else None
    return f" ({' '.join(str(detail).split())})" if detail else ""


def _quote(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False) if value is not None else "nothing"
    return text if len(text) <= _LONGEST_QUOTE else text[:_LONGEST_QUOTE] + "..."
