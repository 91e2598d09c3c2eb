"""What a defence that is gone is, and the list of all of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.faults.catalogue import Plant

SQLITE = ("sqlite",)
"""For what is asked of no database; one of them stands for both."""


@dataclass(frozen=True)
class Defence:
    """One defence that is gone; `says` tells what the server then does.

    `caught_by` are the tests that must fail, as docs/security.md names them. `held_by_the_wall` says that on PostgreSQL
    they do not, as row-level security does what the code no longer does.
    """

    name: str
    says: str
    plant: Plant
    caught_by: tuple[str, ...]
    databases: tuple[str, ...] = SQLITE
    held_by_the_wall: bool = False


DEFENCES: list[Defence] = []


def gone(
    says: str, *caught_by: str, on: tuple[str, ...] = SQLITE, held_by_the_wall: bool = False
) -> Callable[[Plant], Plant]:
    """Register the decorated function, which takes the defence away."""

    def decorate(plant: Plant) -> Plant:
        DEFENCES.append(Defence(plant.__name__, says, plant, caught_by, on, held_by_the_wall))
        return plant

    return decorate


def ignore(*_: Any, **__: Any) -> None:
    """In the place of what raises where it should."""
