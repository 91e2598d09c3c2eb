"""One change taken back: what an object should be again, or what has been changed since and stands in the way.

Only what the change touched is looked at; everything else of the object may have changed meanwhile. An attribute that
is as it was before already needs nothing.
"""

from collections.abc import Mapping
from typing import Any

Facts = Mapping[str, Any]

NESTED = "profile"
"""The fact whose members are looked at one by one."""
STAMPS = frozenset({"version", "created", "modified", "origin", "continues", "ownedAddress"})
"""What says when and whence, or follows from the rest."""


class Obstructed(Exception):
    """The object is not as the change left it: `names` are the facts that differ, none where it is there or gone."""

    def __init__(self, names: tuple[str, ...] = ()) -> None:
        super().__init__(", ".join(names))
        self.names = names


def reverse(
    before: Facts | None, after: Facts | None, present: Facts | None, ignored: frozenset[str] = STAMPS
) -> Facts | None:
    """What the object should be; None where it should not be there. Raises Obstructed.

    `before` and `after` are what the change made of it, `present` what it is now.
    """
    if after is None:
        if present is not None:
            raise Obstructed
        return before
    if present is None:
        raise Obstructed
    then, left, now = (_flat(each, ignored) for each in (before or {}, after, present))
    touched = [name for name in then.keys() | left.keys() if then.get(name) != left.get(name)]
    astray = [name for name in touched if now.get(name) not in (then.get(name), left.get(name))]
    if before is None:
        astray = [name for name in left if now.get(name) != left[name]]
    if astray:
        raise Obstructed(tuple(sorted(astray)))
    return None if before is None else _whole(present, {name: then.get(name) for name in touched})


def _flat(facts: Facts, ignored: frozenset[str]) -> dict[str, Any]:
    flat = {name: value for name, value in facts.items() if name not in ignored and name != NESTED}
    nested = facts.get(NESTED) or {}
    return flat | {f"{NESTED}.{name}": value for name, value in nested.items()}


def _whole(present: Facts, changes: Mapping[str, Any]) -> dict[str, Any]:
    whole = {**present, **{name: value for name, value in changes.items() if not name.startswith(f"{NESTED}.")}}
    nested = dict(present.get(NESTED) or {})
    for name, value in changes.items():
        _, dot, member = name.partition(f"{NESTED}.")
        if dot and value is None:
            nested.pop(member, None)
        elif dot:
            nested[member] = value
    return whole | ({NESTED: nested} if NESTED in present else {})


def without(facts: Facts | None, name: str) -> Facts | None:
    """The facts, that one apart."""
    return None if facts is None else {key: value for key, value in facts.items() if key != name}
