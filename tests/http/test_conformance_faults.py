"""The conformance suite finds faults: with each planted in the server, the checks that must tell of it fail."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from scim_conformance.checks import Check, all_checks

from tests import databases
from tests.faults.catalogue import Fault, all_faults
from tests.faults.laboratories import examine, laboratory, not_held
from tests.worlds import World

README = Path(__file__).parents[2] / "conformance" / "README.md"
FAULTS = all_faults()
PLACES = sorted({(kind, fault.profile) for fault in FAULTS for kind in fault.databases})


@pytest.fixture(scope="session", params=databases.KINDS)
def place(request: pytest.FixtureRequest) -> Iterator[World]:
    """The installation that all faults are planted in, one after another."""
    fresh: databases.Fresh = request.getfixturevalue(f"{request.param}_databases")
    url = fresh()
    with laboratory(url) as world:
        yield world
    databases.drop(url)


def checks_of(faults: Iterable[Fault]) -> list[Check]:
    """The checks that must catch these faults."""
    ids = {check_id for fault in faults for check_id in fault.caught_by}
    found = [check for check in all_checks() if check.id in ids]
    assert {check.id for check in found} == ids
    return found


@pytest.mark.parametrize(
    ("place", "kind", "profile"), [(kind, kind, profile) for kind, profile in PLACES], indirect=["place"]
)
def test_without_a_fault_the_same_checks_hold(place: World, kind: str, profile: str) -> None:
    faults = [fault for fault in FAULTS if kind in fault.databases and fault.profile == profile]
    assert not_held(examine(place, checks_of(faults), profile)) == []


@pytest.mark.parametrize(
    ("place", "fault"),
    [pytest.param(kind, fault, id=f"{kind}-{fault.name}") for fault in FAULTS for kind in fault.databases],
    indirect=["place"],
)
def test_a_fault_is_caught(place: World, fault: Fault) -> None:
    report = examine(place, checks_of([fault]), fault.profile, fault)
    assert sorted(not_held(report)) == sorted(fault.caught_by), fault.says


def test_every_fault_says_what_it_does_and_the_readme_counts_them() -> None:
    assert all(fault.caught_by and fault.says.endswith(".") for fault in FAULTS)
    assert f"| **all** | {len(FAULTS)} | {len(FAULTS)} |" in README.read_text(encoding="utf-8")
