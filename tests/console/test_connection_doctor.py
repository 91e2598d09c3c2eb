"""The connection doctor: what it finds, at every edge, and that it leaves nothing behind."""

from datetime import timedelta

from scim_server.app.edges import installed_check_ups
from scim_server.dialects.terms import ProtocolTerms
from scim_server.domain.tenants import Tenant
from scim_server.services import connecting, diagnosing, tenancy, tokens
from scim_server.services.diagnosing import Diagnosis
from scim_server.services.findings import KINDS, Verdict
from scim_server.services.token_entries import SoughtTokens
from tests.cli.commands import CommandLine
from tests.cli.conftest import bare_cli, cli
from tests.console import visitors
from tests.console.visitors import Visitor, text_of
from tests.domains import own
from tests.worlds import CAUSE, Connection, World, contents

__all__ = ["bare_cli", "cli"]
DAY = 86_400


def diagnose(world: World, name: str = "okta") -> Diagnosis:
    world.installation.log.flush()
    acme = tenancy.tenant(world.units, "acme")
    return diagnosing.diagnose(world.units, acme, name, installed_check_ups(world.installation), ProtocolTerms())


def found(world: World, name: str = "okta") -> dict[str, dict[str, object]]:
    return {each.code: dict(each.facts) for each in diagnose(world, name).findings}


def test_a_healthy_connection_is_in_order(world: World, acme: Tenant, okta: Connection) -> None:
    okta.get("/Users")
    diagnosis = diagnose(world)
    assert {each.code for each in diagnosis.findings} == {"way_in", "sends", "none_refused", "played_well"}
    assert (diagnosis.verdict, diagnosis.refusals) == (Verdict.GOOD, [])


def test_every_finding_can_be_told(world: World, acme: Tenant, okta: Connection) -> None:
    assert all(kind.cure for kind in KINDS.values() if kind.verdict is Verdict.BAD)
    for each in diagnose(world).findings:
        assert "%(" not in each.says + each.cure


def test_ways_in(world: World, acme: Tenant, okta: Connection) -> None:
    tenancy.create_connection(
        world.units, acme, CAUSE, "new", idp="okta", manages_entitlements="auto", max_role="admin"
    )
    assert "no_way_in" in found(world, "new")
    tenancy.issue_token(world.units, acme, CAUSE, "new", timedelta(days=40), ["scim:read"])
    assert {"way_in", "reads_only", "never_sent", "played_badly"} <= found(world, "new").keys()
    world.advance(38 * DAY)
    assert "token_expires" in found(world, "new")
    world.advance(3 * DAY)
    assert "token_expired" in found(world, "new")


def test_a_client_that_has_not_changed_over(world: World, acme: Tenant, okta: Connection) -> None:
    okta.get("/Users")
    world.installation.log.flush()
    world.advance(60)
    tenancy.issue_token(world.units, acme, CAUSE, "okta", timedelta(days=400))
    (old, _) = tokens.tokens_of_connection(world.units, acme, "okta", SoughtTokens())
    assert found(world)["not_changed_over"] == {"token": old.id, "expires": old.expires}


def test_networks_and_refusals(world: World, acme: Tenant, okta: Connection) -> None:
    connecting.edit_connection(world.units, acme, CAUSE, "okta", networks=["192.0.2.0/24"])
    okta.get("/Users")
    told = found(world)
    assert told["held_to_networks"] == {"networks": "192.0.2.0/24"}
    assert told["outside_networks"]["address"] == "127.0.0.1"
    connecting.edit_connection(world.units, acme, CAUSE, "okta", networks=[])
    for _ in range(2):
        okta.get("/Users?filter=nonsense")
    diagnosis = diagnose(world)
    assert [(each.status, each.times, each.why.code) for each in diagnosis.refusals] == [
        (400, 2, "step_refused"),
        (403, 1, "step_forbidden"),
    ]


def test_silence_and_clocks(world: World, acme: Tenant, okta: Connection) -> None:
    assert "never_sent" in found(world)
    world.advance(600)
    okta.get("/Users")
    world.installation.log.flush()
    world.advance(-600)
    assert 500 < int(str(found(world)["clock_behind"]["seconds"])) < 700
    world.advance(3 * DAY)
    assert "silent" in found(world)


def test_terms_of_the_tenant(world: World, acme: Tenant, okta: Connection) -> None:
    tenancy.set_terms(world.units, acme, CAUSE, profile="ipsie", switches={"dialect.op-case": "off"})
    told = found(world)
    assert told["strict_profile"] == {"profile": "ipsie", "usual": "tolerant"}
    assert told["habits_off"] == {"habits": "op-case"}


def test_issues_that_it_brought_up(world: World, acme: Tenant, okta: Connection) -> None:
    okta.create_group("Sales", "01234567-0000-7000-8000-000000000000")
    okta.create_user("ana@example.com", entitlements=["nonsense"], roles=[{"value": "super_admin"}])
    assert {"unknown_members", "unknown_entitlements", "roles_above_max"} <= found(world).keys()


def test_its_person_has_an_address_that_the_tenant_takes(world: World, acme: Tenant, okta: Connection) -> None:
    own(world, acme, "own.example")
    assert "played_well" in found(world)


def test_what_fails_is_explained_on_the_page(world: World, acme: Tenant, ana: Visitor, okta: Connection) -> None:
    world.switch("acme", "filter.sensitive", "refuse")
    world.installation.log.flush()
    before = contents(world)
    path = f"/connections/{connecting.connection(world.units, acme, 'okta').id}/doctor"
    assert "All of them are taken back" in ana.see(path)
    said = text_of(ana.submit(path))
    assert "Something is wrong." in said
    assert "The tenant refuses filters on personal data" in said
    assert "Looks for a person who is not there" in said
    world.installation.log.flush()
    after = contents(world)
    assert {table for table in before if before[table] != after[table]} <= {"visits"}
    french = visitors.person(world, acme, "ana@example.com", accept_language="fr")
    assert "Le client refuse" in text_of(french.submit(path))


def test_the_command_and_the_admin_api_tell_the_same(
    world: World, acme: Tenant, okta: Connection, cli: CommandLine
) -> None:
    okta.get("/Users")
    world.installation.log.flush()
    told = cli.done("connection", "doctor", "acme", "okta").out
    assert "answered as it takes them: 18." in told
    tokens_of = tokens.tokens_of_connection(world.units, acme, "okta", SoughtTokens())
    tokens.revoke_connections_token(world.units, acme, CAUSE, "okta", tokens_of[0].id)
    outcome = cli("connection", "doctor", "acme", "okta", "--json")
    assert outcome.code == 1
    assert (outcome.json["verdict"], outcome.json["findings"][0]["code"]) == ("bad", "no_way_in")
