"""Issues open and close by themselves; reprocessing finds what has changed around people, and nothing else."""

from collections.abc import Callable

import pytest

from scim_server.domain.tenants import Tenant
from scim_server.services import reprocessing, tenancy, tidying
from scim_server.services.issue_reports import Report, reports
from scim_server.services.issues import UNKNOWN_MEMBER
from scim_server.services.provisioning import MOST_UNKNOWN_MEMBERS
from tests.http.test_reconciling import damage
from tests.http.test_statements import counting
from tests.worlds import CAUSE, GROUP, Connection, World, contents


def strangers(world: World, tenant: Tenant) -> list[str]:
    """Who is said to be a member and nobody knows."""
    return sorted(each.issue.subject for each in opened(world, tenant, UNKNOWN_MEMBER))


def opened(world: World, tenant: Tenant, code: str | None = None) -> list[Report]:
    return reports(world.units, tenant, code=code)


@pytest.fixture
def sales(acme: Tenant, okta: Connection) -> str:
    """A group with Ana, and two members whom nobody knows."""
    ana = okta.create_user("ana@x.test")["id"]
    return okta.create_group("Sales", ana, "nobody", "no-one")["id"]


def path(op: str, member_id: str) -> dict[str, object]:
    """A change of one member, as Entra and Okta write it."""
    if op == "remove":
        return {"op": op, "path": f'members[value eq "{member_id}"]'}
    return {"op": op, "path": "members", "value": [{"value": member_id}]}


def test_members_whom_nobody_knows_are_issues_of_their_group(world: World, acme: Tenant, sales: str) -> None:
    assert strangers(world, acme) == ["no-one", "nobody"]
    assert {(each.group, each.user_name) for each in opened(world, acme)} == {("Sales", None)}


CLOSING: dict[str, tuple[Callable[[Connection, str, str], object], list[str]]] = {
    "one is removed": (lambda okta, group, ana: okta.patch(f"/Groups/{group}", path("remove", "nobody")), ["no-one"]),
    "another is added": (
        lambda okta, group, ana: okta.patch(f"/Groups/{group}", path("add", "somebody")),
        ["no-one", "nobody", "somebody"],
    ),
    "all are removed": (
        lambda okta, group, ana: okta.patch(f"/Groups/{group}", {"op": "remove", "path": "members"}),
        [],
    ),
    "the members are replaced": (
        lambda okta, group, ana: okta.patch(
            f"/Groups/{group}", {"op": "replace", "path": "members", "value": [{"value": ana}, {"value": "no-one"}]}
        ),
        ["no-one"],
    ),
    "the group is replaced": (
        lambda okta, group, ana: okta.put(
            f"/Groups/{group}", {"schemas": [GROUP], "displayName": "Sales", "members": [{"value": ana}]}
        ),
        [],
    ),
    "the group is renamed": (
        lambda okta, group, ana: okta.patch(
            f"/Groups/{group}", {"op": "replace", "path": "displayName", "value": "Selling"}
        ),
        ["no-one", "nobody"],
    ),
    "the group goes": (lambda okta, group, ana: okta.delete(f"/Groups/{group}"), []),
}


@pytest.mark.parametrize("case", CLOSING)
def test_unknown_members_are_forgotten_when_they_are_out_of_the_question(
    world: World, acme: Tenant, okta: Connection, sales: str, case: str
) -> None:
    request, left = CLOSING[case]
    (ana,) = (user["id"] for user in okta.find("/Users", 'userName eq "ana@x.test"'))
    answer = request(okta, sales, ana)
    assert answer.status_code < 300, answer.text
    assert strangers(world, acme) == left


def test_the_same_request_again_opens_nothing_anew(world: World, acme: Tenant, okta: Connection, sales: str) -> None:
    before = world.rows("issues")
    okta.patch(f"/Groups/{sales}", path("add", "nobody"))
    members = [{"value": "nobody"}, {"value": "no-one"}, *({"value": each} for each in okta.member_ids(sales))]
    okta.put(f"/Groups/{sales}", {"schemas": [GROUP], "displayName": "Sales", "members": members})
    assert world.rows("issues") == before


def test_a_group_has_a_bounded_number_of_them(world: World, acme: Tenant, okta: Connection, sales: str) -> None:
    many = [{"value": f"x{number:04}"} for number in range(300)]
    okta.patch(f"/Groups/{sales}", {"op": "add", "path": "members", "value": many})
    assert len(strangers(world, acme)) == MOST_UNKNOWN_MEMBERS


def test_a_profile_that_refuses_them_leaves_no_issue(world: World) -> None:
    strict = world.tenant("strict", "rfc")
    client = world.connect(strict)
    group = client.create_group("Sales")["id"]
    assert client.patch(f"/Groups/{group}", path("add", "nobody")).status_code == 400
    assert opened(world, strict) == []


def test_an_unknown_member_who_is_one_by_now_is_tidied_away(
    world: World, acme: Tenant, okta: Connection, sales: str
) -> None:
    """As after a restore of the person with their groups."""
    (ana,) = okta.member_ids(sales)
    damage(world, "UPDATE issues SET subject = ? WHERE subject = 'nobody'", ana=ana)
    assert world.do_chore("tidy-issues") == 1
    assert strangers(world, acme) == ["no-one"]
    assert world.do_chore("tidy-issues") == 0


def test_a_product_that_comes_later_is_given_by_reprocessing(world: World, acme: Tenant, okta: Connection) -> None:
    okta.create_user("ana@x.test", entitlements=["Whiteboard", "nothing"])
    world.sell("whiteboard")
    world.buy(acme, "whiteboard", 10)
    outcome = reprocessing.reprocess_tenant(world.units, acme, CAUSE)
    assert (outcome.people, outcome.closed, outcome.opened) == (1, 1, 0)
    assert world.held_by(acme, "ana@x.test") == {"whiteboard": "assigned"}
    assert [each.issue.subject for each in opened(world, acme)] == ["nothing"]


def test_reprocessing_again_changes_nothing(world: World, acme: Tenant, okta: Connection, sales: str) -> None:
    world.buy(acme, "meeting", 1)
    world.rule(acme, "Sales", "meeting", "webinar")
    okta.create_user("ben@x.test", entitlements=["meeting", "later"], roles=[{"value": "wizard"}])
    world.sell("later")
    assert world.do_chore("reprocess") == 2, "UNKNOWN_ENTITLEMENT closes, NO_SEAT opens"
    before = contents(world)
    assert world.do_chore("reprocess") == 0
    after = contents(world)
    assert {name for name in before if before[name] != after[name]} == {"chore_leases"}


LOST = {
    "a claim by entitlement": "DELETE FROM claims WHERE source = 'direct'",
    "a claim by rule": "DELETE FROM claims WHERE source <> 'direct'",
    "a claim that nobody gave": (
        "INSERT INTO claims (tenant_id, user_id, product, source, rank, since) "
        "SELECT tenant_id, id, 'training', 'direct', 0, created FROM users"
    ),
    "an issue of a seat": "DELETE FROM issues WHERE code = 'NO_SEAT'",
    "an issue of an entitlement": "DELETE FROM issues WHERE code = 'UNKNOWN_ENTITLEMENT'",
    "an issue of a role": "DELETE FROM issues WHERE code = 'UNKNOWN_ROLE'",
}


@pytest.mark.parametrize("how", ["user", "group", "product", "tenant"])
@pytest.mark.parametrize("case", LOST)
def test_what_was_lost_is_found_again(world: World, acme: Tenant, okta: Connection, case: str, how: str) -> None:
    """The seat that only waits has its issue; what is derived from the document and the rules comes back."""
    world.buy(acme, "meeting", 1)
    world.rule(acme, "Sales", "meeting", "webinar")
    ana = okta.create_user("ana@x.test", entitlements=["meeting", "later"], roles=[{"value": "wizard"}])["id"]
    okta.create_group("Sales", ana)
    known = _picture(world, acme)
    damage(world, LOST[case])
    ways = {
        "user": lambda: reprocessing.reprocess_user(world.units, acme, CAUSE, "ana@x.test"),
        "group": lambda: reprocessing.reprocess_group(world.units, acme, CAUSE, "Sales"),
        "product": lambda: reprocessing.reprocess_product(world.units, acme, CAUSE, "meeting"),
        "tenant": lambda: reprocessing.reprocess_tenant(world.units, acme, CAUSE),
    }
    assert ways[how]().people == 1
    assert _picture(world, acme) == known


def _picture(world: World, tenant: Tenant) -> object:
    portrait = world.person(tenant, "ana@x.test")
    claims = sorted((claim.product, claim.source) for claim in portrait.claims)
    issues = sorted((issue.code, issue.product or "", issue.subject) for issue in portrait.issues)
    return claims, issues, world.held_by(tenant, "ana@x.test")


def test_only_those_meant_are_looked_at(world: World, acme: Tenant, okta: Connection) -> None:
    world.rule(acme, "Sales", "webinar")
    ids = [okta.create_user(name, entitlements=each)["id"] for name, each in (("ana", ["meeting"]), ("ben", ["x"]))]
    okta.create_user("cid")
    inner = okta.create_group("Inner", ids[1])["id"]
    okta.create_group("Sales", inner)
    world.sell("x")
    units = world.units
    assert reprocessing.reprocess_product(units, acme, CAUSE, "meeting").people == 1
    assert reprocessing.reprocess_product(units, acme, CAUSE, "training").people == 0
    assert opened(world, acme, "UNKNOWN_ENTITLEMENT") != []
    assert reprocessing.reprocess_group(units, acme, CAUSE, "sales").people == 1, "in a nested group"
    assert opened(world, acme, "UNKNOWN_ENTITLEMENT") == []
    assert reprocessing.reprocess_tenant(units, acme, CAUSE).people == 3


def test_everybody_is_looked_at_in_batches(
    world: World, acme: Tenant, okta: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reprocessing, "BATCH", 3)
    for number in range(7):
        okta.create_user(f"u{number}", entitlements=["later"])
    world.sell("later")
    world.buy(acme, "later", 10)
    with counting(world) as count:
        assert reprocessing.reprocess_tenant(world.units, acme, CAUSE).people == 7
    assert sum("users.id >" in each for each in count.statements) == len(("012", "345", "6", "nobody"))
    assert world.seats(acme, "later") == (7, 0, 3)


def test_a_batch_costs_the_same_for_many_as_for_few(world: World, acme: Tenant, okta: Connection) -> None:
    costs = []
    for round_, people in enumerate((2, 40)):
        for number in range(people):
            okta.create_user(f"u{round_}-{number}", entitlements=[f"later{round_}"], roles=[{"value": "wizard"}])
        world.sell(f"later{round_}")
        world.buy(acme, f"later{round_}", 100)
        with counting(world) as count:
            reprocessing.reprocess_product(world.units, acme, CAUSE, f"later{round_}")
        costs.append(int(count))
        assert world.seats(acme, f"later{round_}")[0] == people
    assert costs[0] == costs[1]


def test_a_setting_that_changes_is_seen_by_the_next_tidying(world: World, acme: Tenant, okta: Connection) -> None:
    world.buy(acme, "meeting", 10)
    okta.create_user("ana@x.test", entitlements=["meeting"])
    for low_water, changed, codes in (("10", 0, []), ("100", 1, ["LOW_SEATS"]), ("10", 1, [])):
        changes = {"low_water": low_water}
        acme = tenancy.set_terms(world.units, acme, CAUSE, settings=changes)
        assert tidying.tidy(world.units, acme, CAUSE) == changed
        assert tidying.tidy(world.units, acme, CAUSE) == 0
        assert [each.issue.code for each in opened(world, acme)] == codes


def test_the_issue_of_a_rule_that_is_gone_is_tidied_away(world: World, acme: Tenant) -> None:
    damage(
        world,
        "INSERT INTO issues (tenant_id, id, code, subject, opened) "
        "SELECT id, 'rule', 'ORPHAN_RULE', 'x', '2026' FROM tenants",
    )
    assert tidying.tidy(world.units, acme, CAUSE) == 1
    assert opened(world, acme) == []


def test_the_rule_of_a_group_that_is_gone_keeps_its_issue(world: World, acme: Tenant, okta: Connection) -> None:
    world.rule(acme, "Sales", "meeting")
    group = okta.create_group("Sales")["id"]
    okta.delete(f"/Groups/{group}")
    assert tidying.tidy(world.units, acme, CAUSE) == 0
    (orphan,) = opened(world, acme)
    assert (orphan.issue.code, orphan.group) == ("ORPHAN_RULE", "Sales")
    okta.create_group("Sales")
    assert opened(world, acme) == []


def test_tenants_are_apart(world: World, acme: Tenant, okta: Connection, sales: str) -> None:
    other = world.tenant("other")
    assert opened(world, other) == []
    assert reprocessing.reprocess_tenant(world.units, other, CAUSE).people == 0
    assert strangers(world, acme) == ["no-one", "nobody"]
