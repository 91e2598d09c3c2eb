"""Requests of the provisioning log replayed as a dry run: what they would do now, with nothing left of it."""

import re
from datetime import timedelta

from scim_server.domain.tenants import Tenant
from scim_server.services import connecting, editing, person_tokens
from tests.console.visitors import Visitor
from tests.worlds import CAUSE, Connection, World, contents

BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"


def rehearsed(world: World, visitor: Visitor, answer: object) -> str:
    """What the page of the trial says, which must have left every row of every table as it was."""
    request_id = answer.headers["X-Request-Id"]  # type: ignore[attr-defined]
    world.installation.log.flush()
    world.installation.sealer.flush()
    visitor.see(f"/log/{request_id}")
    before, log = contents(world), world.rows("provisioning_log")
    page = visitor.see(f"/log/{request_id}/rehearsal")
    world.installation.log.flush()
    world.installation.sealer.flush()
    assert contents(world) == before
    assert world.rows("provisioning_log") == log
    return page


def test_what_a_create_would_do_now(world: World, acme: Tenant, okta: Connection, ana: Visitor) -> None:
    world.buy(acme, "meeting", 1)
    body = {"userName": "ben@example.com", "active": "True", "entitlements": [{"value": "meeting"}]}
    made = okta.post("/Users", body)
    page = rehearsed(world, ana, made)
    assert "Answered now 409 uniqueness" in page
    assert "What would change Nothing." in page
    okta.delete(f"/Users/{made.json['id']}")
    page = rehearsed(world, ana, made)
    assert "Answered now 201 Carried out" in page
    assert "boolean-text" in page
    assert "Person: created ben@example.com" in page
    assert "Seat: assigned meeting ben@example.com" in page
    assert "meeting +1" in page
    world.check()


def test_a_write_without_an_answer_of_its_own(okta: Connection, world: World, ana: Visitor) -> None:
    ben = okta.create_user("ben@example.com")["id"]
    sales = okta.create_group("Sales", ben)["id"]
    gone = okta.patch(f"/Groups/{sales}", {"op": "remove", "path": "members"})
    assert "What would change Nothing." in rehearsed(world, ana, gone)
    okta.patch(f"/Groups/{sales}", {"op": "add", "path": "members", "value": [{"value": ben}]})
    page = rehearsed(world, ana, gone)
    assert "Answered now 204" in page
    assert re.search(r"Group: changed Sales Members: ben@example.com", page)


def test_a_read_and_a_search(okta: Connection, world: World, ana: Visitor) -> None:
    ben = okta.create_user("ben@example.com", name={"givenName": "Ben"})["id"]
    sales = okta.create_group("Sales", ben)["id"]
    assert '"givenName": "Ben"' in rehearsed(world, ana, okta.get(f"/Users/{ben}"))
    assert "Ben" in rehearsed(world, ana, okta.get('/Users?filter=userName eq "ben@example.com"&count=3'))
    assert ben in rehearsed(world, ana, okta.get(f"/Groups/{sales}"))
    assert ben in rehearsed(world, ana, okta.search("/Users", filter='userName eq "ben@example.com"'))


def test_a_trial_is_not_taken_for_true_by_the_next_read(okta: Connection, world: World, ana: Visitor) -> None:
    """The service remembers groups as they were rendered, by their versions, which a trial raises too."""
    ben, cleo = (okta.create_user(f"{name}@example.com")["id"] for name in ("ben", "cleo"))
    sales = okta.create_group("Sales", ben)["id"]
    put = {"displayName": "Sales", "members": [{"value": cleo}]}
    changed = okta.put(f"/Groups/{sales}?attributes=members", put)
    okta.put(f"/Groups/{sales}", {"displayName": "Sales", "members": [{"value": ben}]})
    assert cleo in rehearsed(world, ana, changed)
    okta.patch(f"/Groups/{sales}", {"op": "replace", "path": "displayName", "value": "Selling"})
    assert okta.member_ids(sales) == {ben}


def test_a_bulk_sees_its_own_operations_and_undoes_those_that_fail(
    okta: Connection, world: World, ana: Visitor
) -> None:
    operations = [
        {"method": "POST", "path": "/Users", "bulkId": "a", "data": {"userName": "ben@example.com"}},
        {"method": "POST", "path": "/Users", "bulkId": "b", "data": {"userName": "ben@example.com"}},
        {
            "method": "POST",
            "path": "/Groups",
            "bulkId": "c",
            "data": {"displayName": "Sales", "members": [{"value": "bulkId:a"}]},
        },
    ]
    sent = okta.post("/Bulk", {"schemas": [BULK], "Operations": operations})
    assert [each["status"] for each in sent.json["Operations"]] == ["201", "409", "201"]
    page = rehearsed(world, ana, sent)
    assert "What would change Nothing." in page
    for endpoint in ("Groups", "Users"):
        for each in okta.get(f"/{endpoint}").json["Resources"]:
            if each.get("userName") != "ana@example.com":
                okta.delete(f"/{endpoint}/{each['id']}")
    page = rehearsed(world, ana, sent)
    assert page.count("Person: created") == 1
    assert "Group: created Sales" in page


def test_a_refusal_that_notes_an_issue_notes_none(world: World, acme: Tenant, okta: Connection, ana: Visitor) -> None:
    globex = world.tenant("globex")
    entra = world.connect(globex, "entra")
    ben = {"userName": "ben@example.com", "emails": [{"value": "ben@example.com"}]}
    made = okta.post("/Users", ben)
    okta.delete(f"/Users/{made.json['id']}")
    assert entra.post("/Users", ben).status_code == 201
    assert "Answered now 409 uniqueness" in rehearsed(world, ana, made)


def test_what_cannot_be_carried_out_again_is_said(world: World, acme: Tenant, okta: Connection, ana: Visitor) -> None:
    large = okta.post("/Users", {"userName": "ben@example.com", "title": "x" * 20_000})
    page = ana.see(f"/log/{large.headers['X-Request-Id']}")
    assert "no dry run" in page
    assert ana.get(f"/log/{large.headers['X-Request-Id']}/rehearsal").status_code == 400
    broken = okta.post("/Users", "{")
    world.installation.log.flush()
    assert ana.get(f"/log/{broken.headers['X-Request-Id']}/rehearsal").status_code == 400
    assert ana.get("/log/nothing/rehearsal").status_code == 404


def test_a_person_sends_requests_too_until_they_are_suspended(
    world: World, acme: Tenant, okta: Connection, ana: Visitor
) -> None:
    okta.create_user("ben@example.com", nickName="Benny")
    _, token = person_tokens.issue_token(world.units, acme, CAUSE, "ben@example.com", timedelta(days=1))
    answer = Connection(world.app.test_client(), "acme", token, "ben").get("/Me")
    assert '"nickName": "Benny"' in rehearsed(world, ana, answer)
    editing.suspend_person(world.units, acme, CAUSE, "ben@example.com")
    assert ana.get(f"/log/{answer.headers['X-Request-Id']}/rehearsal").status_code == 400


def test_a_request_from_a_network_that_is_let_in(world: World, acme: Tenant, okta: Connection, ana: Visitor) -> None:
    made = okta.create_user("ben@example.com")
    answer = okta.get(f"/Users/{made['id']}")
    connecting.edit_connection(world.units, acme, CAUSE, "okta", networks=["203.0.113.0/24"])
    assert "Answered now 200" in rehearsed(world, ana, answer)
