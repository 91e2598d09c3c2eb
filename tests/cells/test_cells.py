"""Several cells are one installation: whoever lives where, lists, chores, logs and credentials are as ever."""

from datetime import timedelta

import pytest

from scim_server.config import VARIABLES
from scim_server.domain.errors import Missing, Taken
from scim_server.services import (
    api_tokens,
    auditing,
    provisioning_logs,
    ruling,
    subscribing,
    tenancy,
    tokens,
)
from scim_server.services.log_entries import Sought
from scim_server.services.token_entries import SoughtTokens
from tests.cells.removals import lives_in, move, rows_of
from tests.mailboxes import mail_server
from tests.programs import program
from tests.worlds import CAUSE, World, build


def test_a_tenant_goes_on_in_another_cell_as_in_its_own(world: World) -> None:
    acme, other = world.tenant("acme"), world.tenant("other")
    okta, others = world.connect(acme), world.connect(other)
    ana = okta.create_user("ana@acme.test")
    move(world, "acme", "west")
    world.sell("training:meeting,webinar")
    world.buy(tenancy.tenant(world.units, "acme"), "training", 1)
    assert okta.patch(f"/Users/{ana['id']}", {"op": "replace", "path": "active", "value": False}).status_code == 200
    assert okta.create_group("Sales", ana["id"])["members"][0]["value"] == ana["id"]
    assert others.get(f"/Users/{ana['id']}").status_code == 404
    assert okta.get("/Users?count=2", Authorization="Bearer wrong").status_code == 401
    world.installation.log.flush()
    world.installation.sealer.flush()
    listed = {tenant.slug: tenant.cell for tenant in tenancy.tenants(world.units)}
    assert listed == {"acme": "west", "other": "home"}
    assert {entry.tenant for entry in tokens.tokens(world.units, SoughtTokens())} == {"acme", "other"}
    assert [state.tenants for state in world.installation.cells.states()] == [1, 1]
    last = provisioning_logs.requests(world.units, acme, Sought(100))[-1]
    assert (last.entry.method, last.entry.status) == ("POST", 201)
    assert provisioning_logs.request_anywhere(world.units, last.entry.id).tenant == "acme"
    assert rows_of(world, "home", acme)["provisioning_log"] != rows_of(world, "west", acme)["provisioning_log"]
    used = [token.last_used for token in tokens.tokens(world.units, SoughtTokens(tenant_id=acme.id))]
    assert all(used)
    assert auditing.check(world.units, acme, world.installation.sealer.key()).fault is None
    assert subscribing.subscription(world.units, acme, "training").free == 1


def test_what_is_unique_in_a_cell_keeps_a_tenant_out(world: World) -> None:
    acme, other = world.tenant("acme"), world.tenant("other")
    okta, others = world.connect(acme), world.connect(other)
    move(world, "other", "west")
    people = [client.create_user("ana@example.test")["id"] for client in (okta, others)]
    with pytest.raises(Taken, match="'addresses'"):
        move(world, "acme", "west")
    assert lives_in(world, acme)["home"] == "home"
    okta.delete(f"/Users/{people[0]}")
    assert move(world, "acme", "home").tables == ()
    assert lives_in(world, acme) == {"home": "home", "west": None}, "what the attempt left is removed"
    move(world, "acme", "west")
    with pytest.raises(Taken, match="a minute later"):
        move(world, "acme", "home")
    with pytest.raises(Missing, match="home, west"):
        move(world, "acme", "east")


def test_what_changes_while_a_tenant_is_copied_is_brought_after(world: World) -> None:
    acme = world.tenant("acme")
    okta = world.connect(acme)
    rules = [world.rule(acme, name, "meeting").id for name in ("Sales", "Support")]
    first, second, third = (okta.create_user(f"{name}@acme.test", externalId=name)["id"] for name in "abc")
    group = okta.create_group("Sales", first, second)["id"]

    def change(step: str, table: str, _rows: int) -> None:
        """Names are exchanged, orders reversed, people and members come and go."""
        if (step, table) == ("copy", "users"):
            for person, name in ((first, "z"), (second, "a"), (first, "b")):
                okta.patch(f"/Users/{person}", {"op": "replace", "path": "userName", "value": f"{name}@acme.test"})
            ruling.reorder_rules(world.units, acme, CAUSE, list(reversed(rules)))
            okta.delete(f"/Users/{third}")
            okta.patch(f"/Groups/{group}", {"op": "remove", "path": f'members[value eq "{second}"]'})
            okta.create_user("c@acme.test")

    moved = move(world, "acme", "west", change)
    assert all(check.same for check in moved.tables)
    assert okta.get(f"/Users/{first}").json["userName"] == "b@acme.test"
    assert okta.member_ids(group) == {first}
    assert [rule.id for rule in ruling.rules(world.units, acme)] == list(reversed(rules))
    assert len(okta.find("/Users", 'userName eq "c@acme.test"')) == 1


def test_whoever_writes_for_long_is_waited_for(world: World) -> None:
    """An import may hold its transaction for minutes: meanwhile the others go on, and the tenant stays."""
    acme = world.tenant("acme")
    okta = world.connect(acme)
    steps: list[str] = []
    with world.units.write(acme, CAUSE) as uow:
        uow.guard(exclusive=False)

        def go_on(step: str, _table: str, _rows: int) -> None:
            steps.append(step)

        with pytest.MonkeyPatch.context() as patience:
            patience.setattr("scim_server.services.moving.ATTEMPTS", 1)
            patience.setattr("scim_server.services.moving.PAUSE", 0.0)
            with pytest.raises(Taken, match="always a transaction"):
                move(world, "acme", "west", go_on)
        assert okta.create_user("meanwhile@acme.test")
    assert lives_in(world, acme)["home"] == "home"
    assert move(world, "acme", "west").target == "west"


def test_credentials_of_every_kind_open_what_they_did(world: World) -> None:
    acme = world.tenant("acme")
    idp = program(world, world.connect(acme))
    before = idp.token()
    _, programs = api_tokens.issue_token(world.units, acme, CAUSE, "ci", ["people.read"], timedelta(days=9))
    _, operators = api_tokens.issue_operators_token(world.units, "ops", ["tenants.read"], timedelta(days=9))
    move(world, "acme", "west")
    http = world.app.test_client()
    opened = (
        (programs, "/api/v1/tenants/acme/users"),
        (operators, "/api/v1/tenants"),
        (before, "/scim/acme/v2/Users"),
        (idp.token(), "/scim/acme/v2/Users"),
    )
    for token, path in opened:
        assert http.get(path, headers={"Authorization": f"Bearer {token}"}).status_code == 200, path


def test_mails_of_a_tenant_are_sent_once(home_url: str, west_url: str) -> None:
    with mail_server() as (box, url):
        smtp = VARIABLES["smtp_url"].read(url)
        world = build(home_url, cell_urls=(("west", west_url),), smtp_url=smtp)
        acme = world.tenant("acme")
        okta = world.connect(acme)
        world.decide("acme", welcome_mails="yes")
        world.sell("meeting")
        world.buy(acme, "meeting", 3)
        okta.create_user("ana@acme.test", entitlements=["meeting"])
        move(world, "acme", "west")
        world.do_chore("mails")
        assert world.installation.deliver_mails() == 0
        world.installation.cells.dispose()
        assert len(box.received) == 1
