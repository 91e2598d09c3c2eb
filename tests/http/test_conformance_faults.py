"""The conformance suite finds faults: with each planted in the server, the checks that must tell of it fail."""

from collections.abc import Iterator

import pytest
from scim_conformance.checks import Check, all_checks

from tests import databases
from tests.faults.catalogue import Fault, all_faults
from tests.faults.laboratories import examine, laboratory, not_held
from tests.worlds import World

FAULTS = all_faults()
ON_EACH = [(fault, kind) for fault in FAULTS for kind in fault.databases]


@pytest.fixture(scope="session", params=databases.KINDS)
def place(request: pytest.FixtureRequest) -> Iterator[World]:
    """The installation that all faults are planted in, one after another."""
    fresh: databases.Fresh = request.getfixturevalue(f"{request.param}_databases")
    url = fresh()
    with laboratory(url) as world:
        yield world
    databases.drop(url)


def named(faults: list[Fault]) -> list[Check]:
    """The checks that must catch these faults."""
    ids = {check_id for fault in faults for check_id in fault.caught_by}
    found = [check for check in all_checks() if check.id in ids]
    assert {check.id for check in found} == ids
    return found


@pytest.mark.parametrize("profile", sorted({fault.profile for fault in FAULTS}))
def test_the_checks_hold_without_a_fault(place: World, profile: str) -> None:
    checks = named([fault for fault in FAULTS if fault.profile == profile])
    assert not_held(examine(place, checks, profile)) == []


@pytest.mark.parametrize(
    ("place", "fault"),
    [pytest.param(kind, fault, id=f"{kind}-{fault.name}") for fault, kind in ON_EACH],
    indirect=["place"],
)
def test_a_fault_is_caught(place: World, fault: Fault) -> None:
    report = examine(place, named([fault]), fault.profile, fault)
    assert sorted(not_held(report)) == sorted(fault.caught_by), fault.says


def test_the_catalogue_covers_the_protocol() -> None:
    assert len(FAULTS) >= 40
    assert all(fault.caught_by and fault.says.endswith(".") for fault in FAULTS)
