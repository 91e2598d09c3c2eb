"""A test by its name, run in an installation with a fault in it."""

import importlib
import inspect
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import product
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from tests import worlds
from tests.worlds import World

CONFTESTS = ("tests.security.conftest", "tests.api.conftest", "tests.http.conftest", "tests.conftest")
"""Where fixtures are that a test's own module does not have, the nearest first."""


def run_test(path: str, name: str, world: World, database_url: str) -> None:
    """Run the test of that name with every set of its parameters; `world` is what its fixtures make things in.

    It gets no fixture of pytest's own but `monkeypatch`, and of `request` what asks for a database gets that one.
    """
    module = importlib.import_module(path.removesuffix(".py").replace("/", "."))
    test = getattr(module, name)
    for number, parameters in enumerate(_cases(test)):
        with ExitStack() as stack:
            _Trial(module, world, database_url, stack, parameters, number).run(test)


def _cases(test: Any) -> Iterator[dict[str, Any]]:
    """The sets of parameters by which pytest would run the test."""
    axes = []
    for mark in getattr(test, "pytestmark", ()):
        if mark.name == "parametrize" and not mark.kwargs.get("indirect"):
            names = mark.args[0] if not isinstance(mark.args[0], str) else mark.args[0].replace(" ", "").split(",")
            axes.append([dict(zip(names, _values(each, len(names)), strict=True)) for each in mark.args[1]])
    for chosen in product(*axes):
        yield {name: value for each in chosen for name, value in each.items()}


def _values(given: Any, count: int) -> tuple[Any, ...]:
    plain = getattr(given, "values", given) if type(given).__name__ == "ParameterSet" else given
    return tuple(plain) if count > 1 or type(given).__name__ == "ParameterSet" else (plain,)


class _Trial:
    """One run: what fixtures made, each once. Tenants are called after the number of the run, as one store has all."""

    def __init__(
        self, module: ModuleType, world: World, database_url: str, stack: ExitStack, known: dict[str, Any], number: int
    ) -> None:
        self._module, self._world, self._url, self._stack = module, world, database_url, stack
        self._known: dict[str, Any] = {"database_url": database_url, **known}
        self._suffix = f"-{number}" if number else ""

    def run(self, test: Any) -> None:
        test(**self._given(test))

    def _given(self, function: Any) -> dict[str, Any]:
        return {name: self._value(name) for name in inspect.signature(function).parameters}

    def _value(self, name: str) -> Any:
        if name not in self._known:
            self._known[name] = self._made(name)
        return self._known[name]

    def _made(self, name: str) -> Any:
        world = self._world
        if name in {"world", "house"}:
            if not world.rows("products"):
                world.sell("meeting", "webinar:meeting", "training:meeting")
            return world
        if name == "acme":
            return world.tenant(f"acme{self._suffix}")
        if name == "rivals":
            return world.tenant(f"rivals{self._suffix}")
        if name == "request":
            return SimpleNamespace(param="sqlite", getfixturevalue=lambda _: lambda: self._url)
        if name == "monkeypatch":
            return self._stack.enter_context(pytest.MonkeyPatch.context())
        if name == "build_world":
            return lambda **changes: worlds.build(self._url, **changes)
        fixture = inspect.unwrap(self._fixture(name))
        made = fixture(**self._given(fixture))
        if inspect.isgenerator(made):
            value = next(made)
            self._stack.callback(made.close)
            return value
        return made

    def _fixture(self, name: str) -> Any:
        for place in (self._module, *map(importlib.import_module, CONFTESTS)):
            if hasattr(place, name):
                return getattr(place, name)
        raise LookupError(f"no fixture is called {name}")
