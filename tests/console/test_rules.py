"""Rules, as an admin orders and changes them, each change tried out first."""

import csv
import io

import pytest

from scim_server.console import trials
from scim_server.domain.rules import Rule
from scim_server.domain.tenants import Tenant
from scim_server.services import ruling, templating
from tests.console import visitors
from tests.console.visitors import Visitor, text_of
from tests.http.test_statements import counting
from tests.worlds import CAUSE, ENTERPRISE, Connection, World, contents


@pytest.fixture
def pair(world: World, acme: Tenant, okta: Connection, ana: Visitor) -> list[Rule]:
    """A rule for Sales, with Ben in it, and one for Support, with Cleo; there is one seat of webinar."""
    world.buy(acme, "webinar", 1)
    world.buy(acme, "meeting", 5)
    ben, cleo = (okta.create_user(f"{name}@example.com")["id"] for name in ("ben", "cleo"))
    okta.create_group("Sales", ben)
    okta.create_group("Support", cleo)
    return [world.rule(acme, "Sales", "webinar"), world.rule(acme, "Support", "webinar")]


def order(*rules: Rule) -> str:
    return ",".join(rule.id[-12:] for rule in rules)


def now(world: World, tenant: Tenant) -> list[str]:
    return [rule.id for rule in ruling.rules(world.units, tenant)]


def test_rules_are_listed_by_priority(ana: Visitor, pair: list[Rule]) -> None:
    shown = ana.see("/rules")
    assert "1 group Sales Open rule 1 webinar Count On" in shown
    assert "2 group Support Open rule 2 webinar Count On" in shown
    file = list(csv.DictReader(io.StringIO(ana.get("/rules/export").text)))
    assert [(row["priority"], row["group"], row["products"]) for row in file] == [
        ("1", "Sales", "webinar"),
        ("2", "Support", "webinar"),
    ]


def test_without_rules_the_list_says_what_one_does(ana: Visitor) -> None:
    assert "Make one for a group of your identity provider" in ana.see("/rules")


def test_how_many_people_a_rule_meets(world: World, acme: Tenant, ana: Visitor, okta: Connection) -> None:
    inner = okta.create_group("Sales EMEA", okta.create_user("eve", **{ENTERPRISE: {"department": "Sales"}})["id"])
    okta.create_group("Sales", inner["id"], okta.create_user("dev", **{ENTERPRISE: {"department": "Sales"}})["id"])
    rule = world.rule(acme, "Sales", "meeting")
    parts = {"condition": 'department eq "sales"', "products": ["meeting"]}
    by_condition = ruling.create_rule(world.units, acme, CAUSE, parts)
    for each in (rule, by_condition):
        assert "2 people meet this rule." in ana.see(f"/rules/{each.id}/reach")
    part = ana.browser.get(ana.address(f"/rules/{rule.id}/reach"), headers={"HX-Request": "true"})
    assert part.text == "2"
    with counting(world) as count:
        ana.see("/rules")
    world.rule(acme, "Support", "meeting")
    with counting(world) as more:
        ana.see("/rules")
    assert len(more.statements) == len(count.statements)


def test_an_order_is_put_together_tried_out_and_saved(
    world: World, acme: Tenant, ana: Visitor, pair: list[Rule]
) -> None:
    first, second = pair
    shown = ana.see("/rules", order=order(first, second), up=second.id[-12:])
    assert "This order is not saved yet." in shown
    assert shown.index("Support") < shown.index("Sales")
    assert now(world, acme) == [first.id, second.id]
    assert ana.get("/rules", order=order(first, second), down=first.id[-12:]).text.count("hidden>") == 0
    there = f"/rules/order?order={order(second, first)}"
    preview = ana.see(there)
    assert "Support was at place 2" in preview
    assert "Nobody gains or loses anything" in preview
    assert "The rules have their new order." in ana.done(there)
    assert now(world, acme) == [second.id, first.id]


def test_an_order_of_rules_that_are_gone_is_one_of_the_others(
    world: World, acme: Tenant, ana: Visitor, pair: list[Rule]
) -> None:
    first, second = pair
    ruling.delete_rule(world.units, acme, CAUSE, first.id)
    third = world.rule(acme, "Others", "meeting")
    ana.done(f"/rules/order?order={order(second, first)},nonsense")
    assert now(world, acme) == [second.id, third.id]


def test_an_order_tells_whose_settings_become_others(
    world: World, acme: Tenant, okta: Connection, ana: Visitor, pair: list[Rule]
) -> None:
    rules = [
        ruling.create_rule(world.units, acme, CAUSE, {"group": "Sales", "language": language})
        for language in ("fr", "de")
    ]
    preview = ana.see("/rules/order", order=order(rules[1], rules[0]))
    assert "ben@example.com language fr → de" in preview
    file = ana.get("/rules/order", order=order(rules[1], rules[0]), file="csv").text
    assert "ben@example.com,language,,fr,de" in file


def test_a_rule_is_made_after_a_look(world: World, acme: Tenant, ana: Visitor, pair: list[Rule]) -> None:
    templating.set_template(world.units, acme, CAUSE, "meeting", "high", {"quality": "high"})
    form = ana.get("/rules/new", group="Sales")
    assert 'value="Sales"' in form.text
    assert "<option>high</option>" in form.text
    there = (
        "/rules/new?look=now&audience=group&group=Sales&product=meeting&template:meeting=high&role=manager"
        "&groups=Support&language=fr&policy=wait&whole=1&mail=none&priority=1&enabled=1"
    )
    preview = ana.see(there)
    assert "ben@example.com role Manager" in preview
    assert "language – → fr other settings" in preview
    shown = ana.done(there)
    assert "The rule is made and counts from now on." in shown
    assert "Gives meeting role Manager language fr settings of meeting: high no mail" in shown
    rule = ruling.rules(world.units, acme)[0]
    assert (rule.group_name, rule.templates, rule.role, rule.language) == (
        "Sales",
        {"meeting": "high"},
        "manager",
        "fr",
    )
    assert (rule.policy, rule.all_or_nothing, rule.mail, rule.priority) == ("wait", True, "none", 1)
    again = ana.get(there.replace("look=now", "look=again")).text
    assert '<option value="manager" selected>' in again
    assert "<option selected>high</option>" in again
    assert 'name="whole" value="1" checked' in again


def test_what_is_no_condition_is_told_at_the_field(ana: Visitor, pair: list[Rule]) -> None:
    page = ana.get("/rules/new", look="now", audience="condition", condition='department is "x"', product="meeting")
    assert page.status_code == 400
    assert page.text.count('role="alert"') == 1
    assert 'id="condition-wrong"' in page.text
    assert 'aria-invalid="true"' in page.text
    assert "department is &#34;x&#34;</textarea>" in page.text
    there = '/rules/new?look=now&audience=condition&condition=userName sw "ana"&product=meeting&enabled=1'
    assert "ana@example.com meeting · Assigned" in ana.see(there)
    assert 'people with userName sw "ana"' in ana.done(there)


def test_a_rule_is_edited_and_an_audience_that_stays_is_left_alone(
    world: World, acme: Tenant, ana: Visitor, pair: list[Rule]
) -> None:
    first = pair[0]
    there = f"/rules/{first.id}/edit?look=now&audience=group&group=Sales&product=meeting&priority=1&enabled=1"
    preview = ana.see(there)
    assert "ben@example.com webinar · given back meeting · Included in another → Assigned" in preview
    assert "cleo@example.com" in preview, "who waits for the seat that becomes free"
    assert "The rule is changed." in ana.done(there)
    changed = ruling.rule(world.units, acme, first.id)
    assert (changed.products, changed.group_id) == ({"meeting"}, first.group_id)
    assert "at least one product" in text_of(ana.get(f"/rules/{first.id}/edit?look=now&group=Sales&enabled=1"))


def test_whom_a_role_looks_after_stays_or_goes_with_the_form(
    world: World, acme: Tenant, ana: Visitor, okta: Connection, pair: list[Rule]
) -> None:
    rule = ruling.create_rule(
        world.units, acme, CAUSE, {"group": "Sales", "role": "manager", "role_groups": ["Support"]}
    )
    there = f"/rules/{rule.id}/edit?look=now&audience=group&group=Sales&role=manager&language=fr&enabled=1"
    assert ">Support</textarea>" in ana.get(f"/rules/{rule.id}/edit").text
    assert "Whom the role looks after Support" in ana.done(f"{there}&groups=Support")
    assert ruling.rule(world.units, acme, rule.id).role_groups == rule.role_groups
    assert "Whom the role looks after" not in ana.done(there)


def test_a_rule_is_switched_off_and_on(world: World, acme: Tenant, ana: Visitor, pair: list[Rule]) -> None:
    there = f"/rules/{pair[0].id}/switch"
    assert "ben@example.com" in ana.see(there)
    assert "The rule is off and gives nothing." in ana.done(there)
    assert not ruling.rule(world.units, acme, pair[0].id).enabled
    assert "The rule is on." in ana.done(there)


def test_a_rule_is_deleted_after_a_look(world: World, acme: Tenant, ana: Visitor, pair: list[Rule]) -> None:
    there = f"/rules/{pair[0].id}/delete"
    preview = ana.see(there)
    assert "ben@example.com meeting · given back webinar · given back" in preview
    assert "cleo@example.com meeting · Included in another webinar · Waiting → Assigned" in preview
    assert "The rule is deleted. Undo" in ana.done(there)
    assert now(world, acme) == [pair[1].id]


def test_an_orphan_points_at_the_cure(world: World, acme: Tenant, ana: Visitor) -> None:
    rule = world.rule(acme, "Ghosts", "meeting")
    assert "group Ghosts no such group" in ana.see("/rules")
    page = ana.get(f"/rules/{rule.id}")
    assert "There is no group called Ghosts, so this rule gives nothing." in text_of(page)
    assert "/groups/new?name=Ghosts" in page.text


def test_whoever_may_not_change_rules_sees_no_way_to(
    world: World, acme: Tenant, okta: Connection, pair: list[Rule]
) -> None:
    manager = visitors.person(world, acme, "ben@example.com", "manager")
    page = manager.get("/rules")
    assert (page.status_code, "New rule" in page.text, "rules.js" in page.text) == (200, False, False)
    assert manager.get("/rules/order").status_code == 403
    assert manager.get(f"/rules/{pair[0].id}").status_code == 200


def test_a_role_above_ones_own_is_refused(world: World, acme: Tenant, okta: Connection, pair: list[Rule]) -> None:
    admin = visitors.person(world, acme, "cleo@example.com", "admin")
    page = admin.get("/rules/new", look="now", group="Sales", role="super_admin", enabled="1")
    assert (page.status_code, "beyond your own" in text_of(page)) == (403, True)


def test_templates_are_made_changed_and_deleted(world: World, acme: Tenant, ana: Visitor, pair: list[Rule]) -> None:
    assert "There is no template yet." in ana.see("/templates")
    made = ana.done("/templates/new", product="meeting", name="High", values="quality=high\nroom = 5")
    assert "High meeting quality=high room=5" in made
    assert "There is such a template already" in ana.refused(
        "/templates/new", product="meeting", name="High", values="a=b"
    )
    assert "quality=low" in ana.done("/templates/meeting/High", values="quality=low")
    assert "meeting,High,quality,low" in ana.get("/templates/export").text
    rule = ruling.edit_rule(
        world.units, acme, CAUSE, pair[0].id, {"products": ["meeting"], "templates": {"meeting": "High"}}
    )
    assert "it cannot go yet" in ana.see("/templates/meeting/High/delete")
    assert "in use" in ana.refused("/templates/meeting/High/delete")
    ruling.delete_rule(world.units, acme, CAUSE, rule.id)
    assert "The template is deleted." in ana.done("/templates/meeting/High/delete")


def test_a_change_for_too_many_is_made_without_a_list(
    world: World, acme: Tenant, ana: Visitor, pair: list[Rule], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trials, "MOST_CONCERNED", 0)
    first, second = pair
    before = contents(world)
    listing = f"scim-server rule what-if {{}} {acme.slug}"
    for there, command in (
        ("/rules/new?look=now&audience=group&group=Sales&product=meeting&enabled=1", listing.format("create")),
        (f"/rules/{first.id}/edit?look=now&audience=group&group=Support&product=webinar", listing.format("edit")),
        (f"/rules/{first.id}/switch", f"{listing.format('edit')} {first.id} --disable"),
        (f"/rules/order?order={order(second, first)}", f"{listing.format('reorder')} {second.id} {first.id}"),
        (f"/rules/{first.id}/delete", f"{listing.format('delete')} {first.id}"),
    ):
        shown = ana.see(there)
        assert "concerns more than 0 people" in shown
        assert command in shown
    assert contents(world) == before, "looking changes nothing"
    assert "The rule is deleted." in ana.done(f"/rules/{first.id}/delete")
    assert now(world, acme) == [second.id]


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ('departement eq "Ventes"', "« departement » n’est pas un attribut de User ; /Schemas donne les noms."),
        ("active eq 1", "« active » est de type boolean : comparez avec true ou false, sans guillemets."),
        ('title eq "a" or', "Le filtre est illisible : le texte s’arrête trop tôt"),
    ],
)
def test_why_a_condition_is_none_is_said_in_the_language_of_the_page(
    world: World, acme: Tenant, ana: Visitor, condition: str, reason: str
) -> None:
    french = visitors.person(world, acme, "ana@example.com", accept_language="fr")
    asked = {"look": "now", "audience": "condition", "condition": condition, "product": "meeting"}
    refused = french.get("/rules/new", **asked)
    assert refused.status_code == 400
    assert reason in text_of(refused)
