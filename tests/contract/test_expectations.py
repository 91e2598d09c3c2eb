"""What is asked beforehand is answered as it was then, once, and is no longer good when it is written."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import bindparam, select, update

from scim_server.domain.domains import Domain
from scim_server.domain.tenants import Tenant
from scim_server.store.sets import among
from scim_server.store.tables import groups
from scim_server.store.unit_of_work import UnitOfWork
from tests.http.test_statements import counting
from tests.worlds import CAUSE, Connection, World

_OF_TENANT = groups.c.tenant_id == bindparam("tenant")
_GROUPS = select(groups.c.id, groups.c.version).where(_OF_TENANT, among(groups.c.id))
_RAISE = update(groups).where(_OF_TENANT).values(version=groups.c.version + 1)


@pytest.fixture
def ids(okta: Connection) -> list[str]:
    return [okta.create_group(name)["id"] for name in ("A", "B", "C")]


@pytest.fixture
def unit(world: World, acme: Tenant, ids: list[str]) -> Iterator[UnitOfWork]:
    assert ids, "made before, as one transaction writes at a time"
    with world.units.write(acme, CAUSE) as uow:
        yield uow


def versions(found: Any) -> dict[str, int]:
    return {row["id"]: row["version"] for row in found}


def test_an_answer_is_as_of_when_it_was_expected_and_good_for_once(unit: UnitOfWork, ids: list[str]) -> None:
    unit.scope.expect(_GROUPS, ids=ids)
    unit.scope.run(_RAISE)
    assert versions(unit.scope.expected(_GROUPS, ids=ids)) == dict.fromkeys(ids, 1)
    assert versions(unit.scope.expected(_GROUPS, ids=ids)) == dict.fromkeys(ids, 2)


def test_one_about_several_ids_answers_for_fewer_of_them_and_for_no_others(unit: UnitOfWork, ids: list[str]) -> None:
    unit.scope.expect(_GROUPS, ids=ids[:2])
    unit.scope.run(_RAISE)
    assert versions(unit.scope.expected(_GROUPS, ids=ids[:1]))[ids[0]] == 1
    unit.scope.expect(_GROUPS, ids=ids[:2])
    assert versions(unit.scope.expected(_GROUPS, ids=ids[1:])) == dict.fromkeys(ids[1:], 2)


def test_what_is_known_is_asked_once_until_it_is_forgotten(world: World, unit: UnitOfWork, ids: list[str]) -> None:
    def known() -> tuple[dict[str, int], int]:
        with counting(world) as count:
            found = versions(unit.scope.known(_GROUPS, ids=ids))
        return found, int(count)

    assert known() == (dict.fromkeys(ids, 1), 1)
    unit.scope.run(_RAISE)
    assert known() == (dict.fromkeys(ids, 1), 0)
    unit.scope.forget(_GROUPS)
    assert known() == (dict.fromkeys(ids, 2), 1)


def test_what_is_written_is_forgotten(unit: UnitOfWork) -> None:
    unit.domains.expect()
    unit.domains.put(Domain("x.test", "proof", unit.now, verified=unit.now))
    assert unit.domains.verified() == {"x.test"}
    unit.ledger.expect_subscriptions()
    unit.ledger.open(["meeting"])
    unit.ledger.lock(["meeting"])
    assert [each.product for each in unit.ledger.subscriptions()] == ["meeting"]
