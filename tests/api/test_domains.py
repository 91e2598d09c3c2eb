"""Domains over the admin API."""

from dataclasses import replace

from scim_server.domain.tenants import Tenant
from tests.api.callers import Caller, caller
from tests.domains import Published, own
from tests.worlds import World


def test_a_domain_that_is_not_proved_stays_pending(world: World, acme: Tenant) -> None:
    world = World(replace(world.installation, proofs=Published(everything=False)))
    api = caller(world, acme)
    made = api.post("~/domains", {"name": "Acme.Test"})
    assert (made.status_code, made.headers["Location"]) == (
        201,
        "/api/v1/tenants/acme/domains/acme.test",
    )
    problem = api.refused(409, "POST", "~/domains/acme.test/verify")
    assert problem["type"] == "urn:scim-server:problem:unproven"
    assert api.done("GET", "~/domains/acme.test") == {**made.json, "state": "pending", "verified": None}


def test_what_cannot_be_added_is_refused(api: Caller) -> None:
    api.refused(422, "POST", "~/domains", {"name": "localhost"})
    api.refused(422, "POST", "~/domains", {"name": ""})
    api.done("POST", "~/domains", {"name": "acme.test"})
    api.refused(409, "POST", "~/domains", {"name": "ACME.test."})
    api.refused(404, "DELETE", "~/domains/other.test")


def test_domains_take_a_permission_of_their_tenant(world: World, acme: Tenant) -> None:
    own(world, acme, "acme.test")
    reader = caller(world, acme, "people.read")
    assert [each["name"] for each in reader.items("~/domains")] == ["acme.test"]
    for method, path in (
        ("POST", "~/domains"),
        ("POST", "~/domains/acme.test/verify"),
        ("DELETE", "~/domains/acme.test"),
    ):
        reader.refused(403, method, path, {"name": "x.test"} if path == "~/domains" else None)
    other = caller(world, world.tenant("other"))
    other.refused(404, "GET", "~/domains/acme.test")
    other.refused(404, "GET", "/tenants/acme/domains/acme.test")


def test_people_by_hand_lie_in_verified_domains(world: World, acme: Tenant, api: Caller) -> None:
    own(world, acme, "acme.test")
    person = {"firstName": "Ana", "lastName": "Silva"}
    problem = api.refused(422, "POST", "~/users", {**person, "email": "ana@other.test"})
    assert "lies in a domain that this tenant has not verified" in problem["detail"]
    api.done("POST", "~/users", {**person, "email": "ana@acme.test"})
