"""What a check is: one requirement of a standard, and a function that puts it to a server."""

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from scim_conformance import suite
from scim_conformance.fixtures import Probe
from scim_conformance.sections import SECTIONS

Run = Callable[[Probe], Any]


class Level(StrEnum):
    """How the standard binds a server: RFC 2119 words, `MAY` for what is good practice where it leaves a choice."""

    MUST = "must"
    SHOULD = "should"
    MAY = "may"


@dataclass(frozen=True)
class Check:
    """One requirement, put to a server.

    `id` is stable: reports of different runs are compared by it. `section` is a key of `SECTIONS`. `covers`
    names requirements (R-...) and corner cases (C-...). `needs` names what the server must advertise for the
    check to apply, in the words of `Server.lacks`. `run` raises CheckFailed, or CheckSkipped with a reason.
    """

    id: str
    section: str
    level: Level
    requirement: str
    run: Run
    covers: tuple[str, ...] = ()
    needs: tuple[str, ...] = ("User",)


class DuplicateCheckError(ValueError):
    """Two checks of one id, or a check of no known section: the suite is unsound."""


_registered: dict[str, Check] = {}


def register(check: Check) -> None:
    """Add a check to the suite.

    :raises DuplicateCheckError: if its id is taken or its section unknown.
    """
    if check.id in _registered or check.section not in SECTIONS:
        raise DuplicateCheckError(f"check {check.id} of section {check.section}: taken id or unknown section")
    _registered[check.id] = check


def check(
    id_: str,
    section: str,
    level: Level,
    requirement: str,
    *,
    covers: Iterable[str] = (),
    needs: Iterable[str] = ("User",),
) -> Callable[[Run], Run]:
    """Register the decorated function as a check."""

    def decorate(run: Run) -> Run:
        register(Check(id_, section, level, requirement, run, tuple(covers), tuple(needs)))
        return run

    return decorate


def all_checks() -> list[Check]:
    """Every check of the suite: sections in the order of `SECTIONS`, checks in the order of their modules."""
    for module in pkgutil.iter_modules(suite.__path__):
        importlib.import_module(f"{suite.__name__}.{module.name}")
    order = list(SECTIONS)
    return sorted(_registered.values(), key=lambda check: order.index(check.section))
