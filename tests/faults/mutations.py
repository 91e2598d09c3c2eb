"""How code is changed for a while: one function, wherever it is called from, or one answer of it."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import _lru_cache_wrapper
from types import ModuleType
from typing import Any

import pytest

from scim_server.store import queries

Function = Callable[..., Any]


def replace_function(patch: pytest.MonkeyPatch, original: Any, replacement: Any) -> None:
    """Put `replacement` in the place of a module's function, in every module that imported it by name."""
    for module in _modules():
        for name, member in list(vars(module).items()):
            if member is original:
                patch.setattr(module, name, replacement)


def _modules() -> list[ModuleType]:
    return [each for name, each in sys.modules.items() if name.startswith("scim_server")]


def alter_answer(patch: pytest.MonkeyPatch, original: Function, alter: Function) -> None:
    """Send every answer of a module's function through `alter`."""
    replace_function(patch, original, lambda *given, **named: alter(original(*given, **named)))


def wrap_method(patch: pytest.MonkeyPatch, owner: Any, name: str, wrapper: Function) -> None:
    """Let `wrapper` stand for a method; it gets the method itself first, then what the method is given."""
    original = getattr(owner, name)
    patch.setattr(owner, name, lambda *given, **named: wrapper(original, *given, **named))


@contextmanager
def planted(plant: Callable[[pytest.MonkeyPatch], None]) -> Iterator[None]:
    """The code as `plant` leaves it, for the length of the block.

    What was worked out once and kept is forgotten before and after. What SQL is compiled to needs no such care: what
    that is kept under says all about it.
    """
    try:
        with pytest.MonkeyPatch.context() as patch:
            plant(patch)
            _forget()
            yield
    finally:
        _forget()


def _forget() -> None:
    """Caches with a bound keep answers of functions that faults change; one without keeps what follows from schemas."""
    queries._one.cache_clear()
    for module in _modules():
        for member in list(vars(module).values()):
            if type(member) is _lru_cache_wrapper and member.cache_parameters()["maxsize"] is not None:
                member.cache_clear()
