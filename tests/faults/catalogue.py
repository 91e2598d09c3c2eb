"""What a fault is, and the list of all of them."""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests import faults

Patch = pytest.MonkeyPatch
Plant = Callable[[Patch], None]
SQL = ("sqlite", "postgresql")
"""Databases of a fault that lives in what each of them is asked."""


@dataclass(frozen=True)
class Fault:
    """One thing broken. `says` tells what the server then does.

    `caught_by` are the ids of the conformance checks that must all fail. `databases` are those the fault shows on
    for reasons of its own; elsewhere than in SQL one of them stands for all.
    """

    name: str
    says: str
    plant: Plant
    caught_by: tuple[str, ...]
    databases: tuple[str, ...] = ("sqlite",)
    profile: str = "tolerant"


_registered: dict[str, Fault] = {}


@dataclass(frozen=True)
class Area:
    """Adds faults of one part of the server to the catalogue; its name begins theirs."""

    name: str

    def fault(
        self,
        name: str,
        says: str,
        caught_by: str,
        *,
        databases: tuple[str, ...] = ("sqlite",),
        profile: str = "tolerant",
    ) -> Callable[[Plant], Plant]:
        """Register the decorated function, which plants the fault. `caught_by`: ids with blanks between them."""

        def decorate(plant: Plant) -> Plant:
            fault = Fault(f"{self.name}.{name}", says, plant, tuple(caught_by.split()), databases, profile)
            if fault.name in _registered:
                raise ValueError(f"two faults are called {fault.name}")
            _registered[fault.name] = fault
            return plant

        return decorate


def all_faults() -> list[Fault]:
    """Every fault, in the order of modules and of their text."""
    for module in pkgutil.iter_modules(faults.__path__):
        if module.name != "__main__":
            importlib.import_module(f"{faults.__name__}.{module.name}")
    return list(_registered.values())
