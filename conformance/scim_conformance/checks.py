"""What a check is: one requirement of a standard, and a function that puts it to a server."""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from scim_conformance import suite
from scim_conformance.fixtures import Probe
from scim_conformance.sections import SECTIONS

Run = Callable[[Probe], Any]
Decorator = Callable[[Run], Run]


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


@dataclass(frozen=True)
class Section:
    """Adds checks of one section. `area` begins their ids; `needs` holds for all of them unless they name their own.

    Needs and coverage are written as words with blanks between them.
    """

    key: str
    area: str
    needs: str = "User"

    def must(self, name: str, requirement: str, covers: str = "", needs: str | None = None) -> Decorator:
        """Register the decorated function as a check of level `must`."""
        return self._decorator(Level.MUST, name, requirement, covers, needs)

    def should(self, name: str, requirement: str, covers: str = "", needs: str | None = None) -> Decorator:
        """The same for `should`."""
        return self._decorator(Level.SHOULD, name, requirement, covers, needs)

    def may(self, name: str, requirement: str, covers: str = "", needs: str | None = None) -> Decorator:
        """The same for `may`."""
        return self._decorator(Level.MAY, name, requirement, covers, needs)

    def add(
        self, level: Level, name: str, requirement: str, run: Run, covers: str = "", needs: str | None = None
    ) -> None:
        """Register a check whose function is made from data."""
        words = (self.needs if needs is None else needs).split()
        register(Check(f"{self.area}.{name}", self.key, level, requirement, run, tuple(covers.split()), tuple(words)))

    def _decorator(self, level: Level, name: str, requirement: str, covers: str, needs: str | None) -> Decorator:
        def decorate(run: Run) -> Run:
            self.add(level, name, requirement, run, covers, needs)
            return run

        return decorate


def all_checks() -> list[Check]:
    """Every check of the suite: sections in the order of `SECTIONS`, checks in the order of their modules."""
    for module in pkgutil.iter_modules(suite.__path__):
        importlib.import_module(f"{suite.__name__}.{module.name}")
    order = list(SECTIONS)
    return sorted(_registered.values(), key=lambda check: order.index(check.section))
