"""The tests of the ledger find faults: with each planted in the server, the tests that must tell of it fail."""

import gc
import importlib
import inspect
import re
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from tests.faults.ledgers import FAULTS, LedgerFault
from tests.faults.mutations import planted
from tests.worlds import World, build

NAME = re.compile(r"(?P<module>\w+)\.(?P<test>\w+)(?:\[(?P<parameter>\w+)=(?P<value>\w+)\])?")
TOLD = (AssertionError, pytest.fail.Exception, IntegrityError)
"""How a fault shows: a test says so, or a constraint of the database stops a use case."""
CASES = [
    pytest.param(kind, fault, named, id=f"{kind}-{fault.name}-{named.partition('.')[0]}-{number}")
    for fault in FAULTS
    for kind in fault.databases
    for number, named in enumerate(fault.caught_by)
]


@pytest.fixture
def broken(database_url: str) -> Iterator[World]:
    """An installation to be broken: nobody asks whether its ledger is in order, or its connections closed, at the end.

    What a broken test leaves open must be let go here, or the warning would be blamed on a test that comes later.
    """
    world = build(database_url, log_level="critical")
    world.sell("meeting", "webinar:meeting", "training:meeting")
    yield world
    world.installation.database.dispose()
    if not world.installation.database.is_sqlite:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()


def run_test(named: str, world: World) -> None:
    """Run the test of that name in `world`, with what its module's fixtures make there; then the ledger must hold."""
    found = NAME.fullmatch(named)
    assert found is not None, named
    module = importlib.import_module(f"tests.http.test_{found['module']}")
    tenant = world.tenant()
    known = {"world": world, "acme": tenant, "okta": world.connect(tenant, "okta"), found["parameter"]: found["value"]}

    def given(function: Any) -> dict[str, Any]:
        return {name: value(name) for name in inspect.signature(function).parameters}

    def value(name: str) -> Any:
        if name not in known:
            make = inspect.unwrap(getattr(module, name))
            known[name] = make(**given(make))
        return known[name]

    test = getattr(module, f"test_{found['test']}")
    test(**given(test))
    world.check()


@pytest.mark.parametrize(("database_url", "fault", "named"), CASES, indirect=["database_url"])
def test_a_fault_is_caught(broken: World, fault: LedgerFault, named: str) -> None:
    with planted(fault.plant), pytest.raises(TOLD):
        run_test(named, broken)


@pytest.mark.parametrize(
    ("database_url", "named"),
    [("sqlite", named) for named in sorted({each for fault in FAULTS for each in fault.caught_by})],
    indirect=["database_url"],
)
def test_without_a_fault_the_same_tests_hold(broken: World, named: str) -> None:
    run_test(named, broken)


def test_every_fault_says_what_it_does_and_is_caught() -> None:
    assert all(fault.caught_by and fault.says.endswith(".") for fault in FAULTS)
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
