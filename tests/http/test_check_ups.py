"""What each client sends when its connection is tested is answered as it takes it, and leaves nothing behind."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from scim_server.app.edges import installed_check_ups
from scim_server.dialects.check_ups import CHECK_UPS
from scim_server.domain.tenants import IDPS, SCIM_READ, SCIM_SCOPES, Tenant
from scim_server.services import connecting, ruling, tenancy
from scim_server.services.ports import CheckUps, Played
from tests.domains import own
from tests.worlds import CAUSE, Connection, World, contents

DOMAIN = "check-up.invalid"


@pytest.fixture
def check_ups(world: World) -> CheckUps:
    return installed_check_ups(world.installation)


def play(
    world: World, tenant: Tenant, check_ups: CheckUps, idp: str, scopes: frozenset[str] = SCIM_SCOPES
) -> list[Played]:
    connection = connecting.connection(world.units, tenant, "okta")
    return list(check_ups.play(tenancy.tenant(world.units, "acme"), replace(connection, idp=idp), scopes, DOMAIN))


def wrong(played: list[Played]) -> Iterator[tuple[str, int | None, str | None]]:
    return ((each.does, each.status, each.wrong) for each in played if each.wrong is not None)


def test_every_identity_provider_has_one() -> None:
    assert tuple(CHECK_UPS) == IDPS


@pytest.mark.parametrize("idp", IDPS)
def test_a_check_up_goes_well_and_leaves_nothing(
    world: World, acme: Tenant, okta: Connection, check_ups: CheckUps, idp: str
) -> None:
    """Everybody here has a seat by a rule, so that the person of the check-up takes one as well."""
    world.buy(acme, "meeting", 5)
    ruling.create_rule(world.units, acme, CAUSE, {"condition": "active eq true", "products": ["meeting"]})
    ana = okta.create_user("ana@example.com", displayName="Ana")
    okta.create_group("Sales", ana["id"])
    world.installation.log.flush()
    before, logged = contents(world), world.rows("provisioning_log")
    played = play(world, acme, check_ups, idp)
    assert list(wrong(played)) == []
    assert [each.does for each in played] == [step.does for step in CHECK_UPS[idp].steps]
    world.installation.log.flush()
    assert contents(world) == before
    assert world.rows("provisioning_log") == logged
    assert world.seats(acme, "meeting") == (1, 0, 4)
    assert okta.create_user("ben@example.com")["active"] is True


def test_writes_are_seen_by_what_follows_them(
    world: World, acme: Tenant, okta: Connection, check_ups: CheckUps
) -> None:
    found = {each.does: each for each in play(world, acme, check_ups, "entra")}
    assert (found["probe"].wrong, found["still_found"].wrong) == (None, None), "first nobody, then one"
    assert (found["create_again"].status, found["gone"].status) == (409, 404)


def test_a_token_that_reads_alone_is_refused_writes(
    world: World, acme: Tenant, okta: Connection, check_ups: CheckUps
) -> None:
    played = play(world, acme, check_ups, "generic", frozenset({SCIM_READ}))
    assert ("create", 403, "status") in wrong(played)
    assert ("deactivate", None, "skipped") in wrong(played)
    assert {each.does for each in played if each.wrong is None} >= {"discover", "list_users", "match"}


def test_what_the_tenant_refuses_is_refused(world: World, acme: Tenant, okta: Connection, check_ups: CheckUps) -> None:
    world.switch("acme", "filter.sensitive", "refuse")
    played = play(world, acme, check_ups, "entra")
    (probe, *_) = [each for each in played if each.wrong]
    assert (probe.does, probe.status, probe.scim_type) == ("probe", 403, "sensitive")


def test_what_is_refused_is_taken_back_by_itself_and_what_follows_goes_on(
    world: World, acme: Tenant, okta: Connection, check_ups: CheckUps
) -> None:
    own(world, acme, "own.example")
    before = contents(world)
    played = play(world, acme, check_ups, "jumpcloud")
    assert [(each.does, each.status) for each in played[:3]] == [
        ("create", 400),
        ("push_group", 201),
        ("delete_group", 204),
    ]
    assert "has not verified" in str(played[0].detail)
    assert contents(world) == before


def test_networks_of_the_connection_do_not_keep_the_doctor_out(
    world: World, acme: Tenant, okta: Connection, check_ups: CheckUps
) -> None:
    connecting.edit_connection(world.units, acme, CAUSE, "okta", networks=["192.0.2.0/24"], creator_only=True)
    assert okta.get("/Users").status_code == 403
    assert list(wrong(play(world, acme, check_ups, "okta"))) == []
