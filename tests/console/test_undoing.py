"""Changes taken back in the console."""

import pytest

from scim_server.console.views import undoing
from scim_server.domain.tenants import Tenant
from tests.console.visitors import Visitor, text_of
from tests.worlds import Connection, World, contents


def test_a_request_is_taken_back_and_had_again(world: World, acme: Tenant, okta: Connection, ana: Visitor) -> None:
    world.buy(acme, "meeting", 1)
    ben = okta.create_user("ben@example.com", entitlements=["meeting"])["id"]
    cleo = okta.create_user("cleo@example.com", entitlements=["meeting"])
    assert cleo["active"] is not False
    gone = okta.delete(f"/Users/{ben}").headers["X-Request-Id"]
    assert world.held_by(acme, "cleo@example.com") == {"meeting": "assigned"}
    before = contents(world)
    preview = ana.see(f"/changes/{gone}/undo")
    assert contents(world) == before, "looking changes nothing"
    assert "Person: deleted ben@example.com" in preview
    assert "ben@example.com · meeting: nothing → Waiting" in preview
    done = ana.done(f"/changes/{gone}/undo")
    assert "It was taken back" in done
    assert "Undo" in done
    assert world.held_by(acme, "ben@example.com") == {"meeting": "waiting"}
    world.check()


def test_what_stands_in_the_way_is_said(world: World, okta: Connection, ana: Visitor) -> None:
    ben = okta.create_user("ben@example.com", displayName="Ben")["id"]
    first = okta.patch(f"/Users/{ben}", {"op": "replace", "path": "displayName", "value": "Benjamin"})
    okta.patch(f"/Users/{ben}", {"op": "replace", "path": "displayName", "value": "Benny"})
    page = ana.see(f"/changes/{first.headers['X-Request-Id']}/undo")
    assert "cannot be undone now" in page
    assert "Person: changed connection okta" in page
    assert ana.get("/changes/nothing/undo").status_code == 404


def test_a_change_in_the_meantime_is_refused(world: World, okta: Connection, ana: Visitor) -> None:
    ben = okta.create_user("ben@example.com", displayName="Ben")["id"]
    first = okta.patch(f"/Users/{ben}", {"op": "replace", "path": "displayName", "value": "Benjamin"})
    address = ana.address(f"/changes/{first.headers['X-Request-Id']}/undo")
    token = ana.get(address).text.rpartition('name="csrf_token" value="')[2].partition('"')[0]
    okta.patch(f"/Users/{ben}", {"op": "replace", "path": "displayName", "value": "Benny"})
    refused = ana.browser.post(address, data={"csrf_token": token})
    assert refused.status_code == 409
    assert text_of(refused).count("is not as that change left it") == 1


def test_what_concerns_too_many_is_taken_back_without_a_list(
    world: World, acme: Tenant, okta: Connection, ana: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undoing, "MOST_CONCERNED", 0)
    ben = okta.create_user("ben@example.com")["id"]
    sales = okta.create_group("Sales", ben)["id"]
    left = okta.patch(f"/Groups/{sales}", {"op": "remove", "path": "members"}).headers["X-Request-Id"]
    assert "concerns more than 0 people" in ana.see(f"/changes/{left}/undo")
    assert "It was taken back" in ana.done(f"/changes/{left}/undo")
    assert [member["value"] for member in okta.get(f"/Groups/{sales}").json["members"]] == [ben]
