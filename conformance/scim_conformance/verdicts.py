"""How a check says that a requirement is not met, and the comparisons it says it with."""

import json
from collections.abc import Collection
from typing import Any

_LONGEST_QUOTE = 300


class CheckFailed(Exception):
    """The requirement is not met; the text says what came and what was expected."""


class CheckSkipped(Exception):
    """The requirement does not apply to this server; the text says why."""


def require(condition: Any, problem: str) -> None:
    """Fail with that problem unless the condition holds."""
    if not condition:
        raise CheckFailed(problem)


def same(actual: Any, expected: Any, what: str) -> None:
    """Two values must be equal, types included: true is not 1."""
    if canonical(actual) != canonical(expected):
        raise CheckFailed(f"{what}: {quote(actual)} came, {quote(expected)} was expected")


def same_items(actual: Collection[Any] | None, expected: Collection[Any], what: str) -> None:
    """Two collections must hold the same items as often, in any order. None is an empty one."""
    same(sorted(map(canonical, actual or ())), sorted(map(canonical, expected)), what)


def like(actual: Any, expected: Any, what: str) -> None:
    """A value must say what is expected of it, and may say more inside objects.

    An expected None is a missing, null or empty value; an expected False also a missing one, as `primary` is
    false where it is missing (RFC 7643 section 2.4). Lists must have these elements in any order and no others.
    """
    if not _agrees(actual, expected):
        raise CheckFailed(f"{what}: {quote(actual)} came, {quote(expected)} was expected")


def _agrees(actual: Any, expected: Any) -> bool:
    if isinstance(expected, dict):
        return isinstance(actual, dict) and all(_agrees(actual.get(name), value) for name, value in expected.items())
    if isinstance(expected, list) and expected:
        return isinstance(actual, list) and len(actual) == len(expected) and _pair_off(actual, expected)
    if expected is None or expected is False or expected == []:
        return actual in (None, [], {}, "") or (actual is False and expected is False)
    return canonical(actual) == canonical(expected)


def _pair_off(actual: list[Any], expected: list[Any]) -> bool:
    rest = list(actual)
    for wanted in expected:
        found = next((index for index, each in enumerate(rest) if _agrees(each, wanted)), None)
        if found is None:
            return False
        del rest[found]
    return True


def absent(document: Any, name: str) -> None:
    """An attribute must not be there, or say no more than a missing one (RFC 7643 section 2.5)."""
    value = document.get(name)
    require(value in (None, [], {}), f"{name}: {quote(value)} came, nothing was expected")


def quote(value: Any) -> str:
    """A value for a message: JSON, shortened."""
    text = "nothing" if value is None else canonical(value).encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}..."


def canonical(value: Any) -> str:
    """A text that two JSON values share just when they are equal, whatever the order of their members."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
