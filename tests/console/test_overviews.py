"""The first page: seats and where they are heading, open issues, what connections did, and the first steps."""

from datetime import timedelta

from scim_server.domain.tenants import Tenant
from scim_server.services import seeing
from tests.console import visitors
from tests.console.visitors import Visitor
from tests.http.test_statements import counting
from tests.worlds import Connection, World

DAY = 86_400


def test_seats_are_counted_by_product_with_the_day_they_run_out(
    world: World, acme: Tenant, okta: Connection, ana: Visitor
) -> None:
    world.buy(acme, "meeting", 20)
    world.ahead -= timedelta(days=10)
    for number in range(10):
        okta.create_user(f"p{number}@example.com", entitlements=["meeting"])
        world.do_chore("seat-use")
        world.advance(DAY)
    today = ana.get("").text
    assert "data-chart" in today
    assert "&#34;dashed&#34;:true" in today
    page = ana.see("")
    assert "meeting 20 10 0 10 0 50%" in page
    assert "the seats run out on" in page


def test_without_days_behind_it_there_is_no_forecast(world: World, acme: Tenant, ana: Visitor) -> None:
    assert "No subscription yet" in ana.see("")
    world.buy(acme, "meeting", 20)
    assert "A forecast takes 7 days of use" in ana.see("")


def test_open_issues_are_counted_by_kind_and_lead_to_their_list(
    world: World, acme: Tenant, okta: Connection, ana: Visitor
) -> None:
    assert "No issue is open." in ana.see("")
    world.buy(acme, "meeting", 1)
    for name in ("ben", "cid", "dan"):
        okta.create_user(f"{name}@example.com", entitlements=["meeting"])
    assert "No free seat : 2" in ana.see("")
    assert 'href="/console/tenants/acme/issues?code=NO_SEAT"' in ana.get("").text


def test_connections_are_told_with_their_share_of_errors(
    world: World, acme: Tenant, okta: Connection, ana: Visitor
) -> None:
    world.connect(acme, "entra")
    okta.create_user("ben@example.com")
    okta.post("/Users", {"userName": "ben@example.com"})
    page = ana.see("")
    assert "entra None yet 0 0" in page
    assert "3 1 33%" in page, "Ana, Ben, and Ben again"
    okta.create_user("boss@example.com")
    assert "Error rate" in visitors.person(world, acme, "boss@example.com", "admin").see("")


def test_the_first_steps_tick_themselves_off_and_are_gone_at_last(world: World, operator: Visitor) -> None:
    def open_steps() -> int:
        return operator.see("/console/tenants/globex").count("○")

    globex = world.tenant("globex")
    assert open_steps() == 7, "products are there, for all tenants"
    world.buy(globex, "meeting", 5)
    assert open_steps() == 6
    okta = world.connect(globex, "okta")
    assert open_steps() == 4
    ben = okta.create_user("ben@example.com")
    assert open_steps() == 3
    okta.create_group("Sales", ben["id"])
    world.rule(globex, "Sales", "meeting")
    assert open_steps() == 1
    seeing.report_batch(world.units, globex, [("ben@example.com", None)])
    assert "First steps" not in operator.see("/console/tenants/globex")


def test_the_page_costs_the_same_statements_however_many_products_and_people(
    world: World, acme: Tenant, okta: Connection, ana: Visitor
) -> None:
    world.buy(acme, "meeting", 1)
    with counting(world) as few:
        ana.see("")
    world.buy(acme, "webinar", 9)
    world.buy(acme, "training", 9)
    for number in range(5):
        okta.create_user(f"p{number}@example.com", entitlements=["meeting", "training"])
    with counting(world) as many:
        ana.see("")
    assert len(many.statements) == len(few.statements)


def test_it_is_told_in_french(world: World, acme: Tenant, ana: Visitor) -> None:
    world.buy(acme, "meeting", 1)
    page = visitors.person(world, acme, "ana@example.com", accept_language="fr").see("")
    assert "Premiers pas" in page
    assert "Une prévision demande 7 jours" in page
