"""/tenants/{tenant}/…/history: how something was at any past moment, and what has changed since."""

from scim_server.domain.tenants import Tenant
from tests.api.callers import Caller, caller
from tests.worlds import Connection, World


def test_a_person_is_shown_as_they_were(world: World, acme: Tenant, okta: Connection, api: Caller) -> None:
    ana = okta.create_user("ana", displayName="Ana")["id"]
    with world.units.read(acme) as uow:
        then = uow.now
    okta.patch(f"/Users/{ana}", {"op": "replace", "path": "displayName", "value": "Anna"})
    found = api.done("GET", f"~/users/{ana}/history?at={then}")
    assert (found["kind"], found["id"], found["at"], found["erased"]) == ("user", ana, then, False)
    assert (found["state"]["displayName"], found["later"]["displayName"]) == ("Ana", "Anna")
    assert {"member": "displayName", "before": "Ana", "after": "Anna"} in found["differences"]
    assert [(each["action"], each["cause"]) for each in found["entries"]] == [("user.changed", "patch User")]
    okta.delete(f"/Users/{ana}")
    assert api.done("GET", "~/users/ana/history")["state"]["status"] == "deleted"


def test_moments_and_names_that_are_none_are_refused(world: World, acme: Tenant, okta: Connection, api: Caller) -> None:
    okta.create_user("ana")
    assert "yet to come" in api.refused(422, "GET", "~/users/ana/history?at=2999-01-01")["detail"]
    assert "begins at" in api.refused(422, "GET", "~/users/ana/history?at=2001-01-01")["detail"]
    assert api.refused(422, "GET", "~/users/ana/history?at=then")["errors"][0]["parameter"] == "at"
    assert "has or had" in api.refused(404, "GET", "~/groups/nobody/history")["detail"]
    assert "no product" in api.refused(404, "GET", "~/subscriptions/nothing/history")["detail"]
    others = caller(world, acme, "people.read")
    assert "audit.read" in others.refused(403, "GET", "~/users/ana/history")["detail"]
