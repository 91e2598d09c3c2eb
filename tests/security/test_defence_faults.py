"""Defences that are gone are missed: with each fault planted, the tests of docs/security.md that must fail do."""

import gc
import re
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from tests.faults.defences import DEFENCES, Defence
from tests.faults.mutations import planted
from tests.faults.trials import run_test
from tests.worlds import World, build

TOLD = (AssertionError, pytest.fail.Exception, IntegrityError)
"""How a fault shows: a test says so, or a constraint of the database stops what nobody checked."""
PAGE = (Path(__file__).parents[2] / "docs" / "security.md").read_text(encoding="utf-8")
CASES = [
    pytest.param(kind, defence, named, id=f"{kind}-{defence.name}-{number}")
    for defence in DEFENCES
    for kind in defence.databases
    for number, named in enumerate(defence.caught_by)
]


@pytest.fixture
def broken(database_url: str) -> Iterator[World]:
    """An installation to be broken; what a broken test leaves open is let go here."""
    world = build(database_url, log_level="critical")
    yield world
    world.installation.database.dispose()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.mark.parametrize(("database_url", "defence", "named"), CASES, indirect=["database_url"])
def test_a_defence_that_is_gone_is_missed(broken: World, database_url: str, defence: Defence, named: str) -> None:
    path, _, test = named.partition("::")
    with planted(defence.plant):
        if defence.held_by_the_wall and not broken.installation.database.is_sqlite:
            run_test(path, test, broken, database_url)
            return
        with pytest.raises(TOLD):
            run_test(path, test, broken, database_url)


@pytest.mark.parametrize(
    ("database_url", "named"),
    [("sqlite", named) for named in sorted({each for defence in DEFENCES for each in defence.caught_by})],
    indirect=["database_url"],
)
def test_without_a_fault_the_same_tests_hold(broken: World, database_url: str, named: str) -> None:
    path, _, test = named.partition("::")
    run_test(path, test, broken, database_url)


def test_every_fault_says_what_it_does_and_is_caught() -> None:
    assert all(defence.caught_by and defence.says.endswith(".") for defence in DEFENCES)
    assert len({defence.name for defence in DEFENCES}) == len(DEFENCES)
    assert re.search(rf"\b{len(DEFENCES)} defences\b", PAGE), f"docs/security.md counts {len(DEFENCES)} defences"
