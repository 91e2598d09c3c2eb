"""Sets of which the audit trail keeps the difference alone: what went and what came.

Elements are JSON: the ids of members, the facts of a claim.
"""

from collections.abc import Hashable, Iterable, Mapping
from typing import Any

DELTAS: Mapping[str, tuple[str, ...]] = {"group": ("members",), "claims": ("claims", "exclusions")}
"""The facts that are such sets, by type of object."""

Facts = Mapping[str, Any]


def united(first: tuple[Facts, Facts], later: tuple[Facts, Facts], name: str) -> tuple[list[Any], list[Any]]:
    """What went and what came by both of two changes, each as it was before and after: what came back went nowhere."""
    (gone, come), (gone_later, come_later) = ([_elements(side, name) for side in sides] for sides in (first, later))
    went = gone | {key: each for key, each in gone_later.items() if key not in come}
    came = {key: each for key, each in come.items() if key not in gone_later} | come_later
    return _without(went, came), _without(came, went)


def changed(elements: Iterable[Any], gone: Iterable[Any], come: Iterable[Any]) -> list[Any]:
    """The set after a difference."""
    return [*_without(_keyed(elements), _keyed(gone), _keyed(come)), *_keyed(come).values()]


def _elements(side: Facts, name: str) -> dict[Hashable, Any]:
    return _keyed(side.get(name, ()))


def _keyed(elements: Iterable[Any]) -> dict[Hashable, Any]:
    return {_key(each): each for each in elements}


def _key(element: Any) -> Hashable:
    return tuple(sorted(element.items())) if isinstance(element, Mapping) else element


def _without(elements: Mapping[Hashable, Any], *others: Mapping[Hashable, Any]) -> list[Any]:
    return [each for key, each in elements.items() if not any(key in other for other in others)]
