"""What a connection may be held to: networks that it calls from, and changes of nothing but what it created."""

from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from scim_server.domain.errors import Invalid
from scim_server.domain.networks import MOST_NETWORKS, admits, checked_networks
from scim_server.domain.particulars import Newcomer
from scim_server.services import connecting, grouping, joining, linking, tenancy, undoing
from scim_server.services.group_changes import Wanted
from scim_server.services.undoing import Undoable
from tests.http.refusals import check_refusal, unchanged
from tests.http.test_token_scopes import METHODS, paths
from tests.programs import Program, key_holder, program
from tests.worlds import CAUSE, GROUP, PATCH_OP, USER, Connection, World


def restrict(house: World, client: Connection, **terms: Any) -> None:
    tenant = tenancy.tenant(house.units, client.slug)
    connecting.edit_connection(house.units, tenant, CAUSE, client.name, **terms)


def posting_program(house: World, client: Connection) -> Program:
    """A client that sends its secret in the form."""
    return program(house, client, "client_secret_post")


def calling_from(client: Connection, address: str) -> Connection:
    client.http.environ_base["REMOTE_ADDR"] = address
    return client


def test_a_restricted_connection_is_refused_on_every_address(client: Connection, house: World) -> None:
    restrict(house, client, networks=["10.0.0.0/8", "fd00::/8"])
    calling_from(client, "192.0.2.7")
    with unchanged(house):
        for path in (*paths(house, client.slug), "/ServiceProviderConfig/nowhere"):
            for method in METHODS:
                answer = client.send(method, path, {})
                assert answer.status_code == 403, (method, path)
                if method != "HEAD":
                    assert answer.json["detail"].startswith("This connection takes no requests from 192.0.2.7. ")
                    assert "10.0.0.0" not in answer.json["detail"]


@pytest.mark.parametrize("address", ["10.255.0.1", "fd00::1", "::ffff:10.0.0.1"])
def test_from_its_networks_it_is_served(client: Connection, house: World, address: str) -> None:
    restrict(house, client, networks=["10.0.0.0/8", "fd00::/8"])
    assert calling_from(client, address).get("/Users").status_code == 200


def test_any_network_again(client: Connection, house: World) -> None:
    restrict(house, client, networks=["10.0.0.0/8"])
    assert calling_from(client, "192.0.2.7").get("/Users").status_code == 403
    restrict(house, client, networks=[])
    assert client.get("/Users").status_code == 200


def test_an_unknown_caller_learns_nothing_of_networks(client: Connection, house: World) -> None:
    restrict(house, client, networks=["10.0.0.0/8"])
    assert calling_from(client, "192.0.2.7").get("/Users", Authorization="Bearer x").status_code == 401


@pytest.mark.parametrize("make", [posting_program, key_holder])
def test_its_clients_get_no_token_from_elsewhere(
    client: Connection, house: World, make: Callable[[World, Connection], Program]
) -> None:
    """At no endpoint of the issuer, however they prove who they are; whoever proves nothing learns nothing of it."""
    idp = make(house, client)
    restrict(house, client, networks=["10.0.0.0/8"])
    outside, inside = ({"environ_base": {"REMOTE_ADDR": address}} for address in ("192.0.2.7", "10.0.0.1"))
    form = {"grant_type": "client_credentials", "token": "x"}
    for endpoint in ("token", "revoke", "introspect"):
        answer = idp.post(endpoint, {**form, **idp.proof()}, **outside)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (403, "no-store")
        assert answer.json == {
            "error": "access_denied",
            "error_description": "The connection of this client takes no requests from 192.0.2.7.",
        }
        assert idp.post(endpoint, {**form, "client_id": idp.client_id}, **outside).status_code == 401
        assert idp.post(endpoint, {**form, **idp.proof()}, **inside).status_code == 200


@pytest.mark.parametrize("address", [None, "", "somewhere", "10.0.0.1, 10.0.0.2", "10.0.0.256", "::ffff:11.0.0.1"])
def test_what_is_no_address_within_them_is_not_admitted(address: str | None) -> None:
    assert not admits(["10.0.0.0/8"], address)
    assert admits([], address)


@pytest.mark.parametrize("text", ["10.0.0.1/8", "10.0.0.0/33", "everywhere", "", "0x0a000000/8", "10.0.0/8"])
def test_what_is_no_network_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match=r"10\.0\.0\.0/8"):
        checked_networks([text])


def test_networks_are_kept_once_and_counted() -> None:
    assert checked_networks(["10.0.0.1", "10.0.0.1/32", "FD00::/8"]) == ("10.0.0.1/32", "fd00::/8")
    with pytest.raises(Invalid, match="at most"):
        checked_networks([f"10.0.{number}.0/24" for number in range(MOST_NETWORKS + 1)])


Write = Callable[[Connection, str], TestResponse]
ON_USERS: dict[str, Write] = {
    "PUT": lambda client, ana: client.put(f"/Users/{ana}", {"schemas": [USER], "userName": "eve"}),
    "PATCH": lambda client, ana: client.patch(f"/Users/{ana}", {"op": "add", "value": {"title": "Boss"}}),
    "PATCH of what is so already": lambda client, ana: client.patch(
        f"/Users/{ana}", {"op": "replace", "path": "active", "value": True}
    ),
    "suspension": lambda client, ana: client.patch(
        f"/Users/{ana}", {"op": "replace", "path": "active", "value": False}
    ),
    "DELETE": lambda client, ana: client.delete(f"/Users/{ana}"),
}
ON_GROUPS: dict[str, Write] = {
    "PUT": lambda client, group: client.put(
        f"/Groups/{group}", {"schemas": [GROUP], "displayName": "x", "members": []}
    ),
    "PATCH": lambda client, group: client.patch(
        f"/Groups/{group}", {"op": "replace", "path": "displayName", "value": "x"}
    ),
    "removal of members": lambda client, group: client.patch(f"/Groups/{group}", {"op": "remove", "path": "members"}),
    "DELETE": lambda client, group: client.delete(f"/Groups/{group}"),
}


def in_bulk(client: Connection, method: str, path: str, data: Any = None) -> dict[str, Any]:
    schemas = ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"]
    operation = {"method": method, "path": path, **({} if data is None else {"data": data})}
    (outcome,) = client.post("/Bulk", {"schemas": schemas, "Operations": [operation]}).json["Operations"]
    found: dict[str, Any] = outcome
    return found


@pytest.fixture
def narrow(client: Connection, house: World) -> Connection:
    """A connection that changes only its own, beside the one of `client`."""
    other = house.connect(tenancy.tenant(house.units, client.slug), "narrow")
    restrict(house, other, creator_only=True)
    return other


def check_not_own(answer: TestResponse, noun: str) -> None:
    check_refusal(answer, 403, None, f"scim-server {noun} link")


@pytest.mark.parametrize("write", ON_USERS.values(), ids=ON_USERS.keys())
def test_it_changes_nobody_elses_people(client: Connection, narrow: Connection, house: World, write: Write) -> None:
    ana = client.create_user("ana")["id"]
    with unchanged(house):
        check_not_own(write(narrow, ana), "user")
    assert narrow.get(f"/Users/{ana}").status_code == 200
    mine = narrow.create_user("mine")["id"]
    assert write(narrow, mine).status_code in {200, 204}


@pytest.mark.parametrize("write", ON_GROUPS.values(), ids=ON_GROUPS.keys())
def test_it_changes_nobody_elses_groups(client: Connection, narrow: Connection, house: World, write: Write) -> None:
    group = client.create_group("Sales", client.create_user("ana")["id"])["id"]
    with unchanged(house):
        check_not_own(write(narrow, group), "group")
    mine = narrow.create_group("Mine", narrow.create_user("mine")["id"])["id"]
    assert write(narrow, mine).status_code in {200, 204}


def test_a_bulk_is_no_way_around(client: Connection, narrow: Connection, house: World) -> None:
    ana = client.create_user("ana")["id"]
    group = client.create_group("Sales")["id"]
    join = {"schemas": [PATCH_OP], "Operations": [{"op": "add", "path": "members", "value": [{"value": ana}]}]}
    for method, path, data in (
        ("PUT", f"/Users/{ana}", {"schemas": [USER], "userName": "eve"}),
        ("PATCH", f"/Groups/{group}", join),
        ("DELETE", f"/Users/{ana}", None),
        ("DELETE", f"/Groups/{group}", None),
    ):
        with unchanged(house):
            outcome = in_bulk(narrow, method, path, data)
        assert outcome["status"] == "403", outcome
        assert "link" in outcome["response"]["detail"]


def test_what_is_not_there_is_not_found_all_the_same(narrow: Connection) -> None:
    check_refusal(narrow.delete("/Users/01890000-0000-7000-8000-000000000000"), 404)


def test_what_an_admin_made_is_not_adopted_until_it_is_linked(narrow: Connection, house: World) -> None:
    tenant = tenancy.tenant(house.units, narrow.slug)
    bea = joining.add_person(house.units, tenant, CAUSE, Newcomer("bea@x.test", "Bea", "Silva"))
    team = grouping.create_group(house.units, tenant, CAUSE, "Team", Wanted(["bea@x.test"]))
    user, group = f"/Users/{bea.user.id}", f"/Groups/{team.group.id}"
    title = {"op": "add", "value": {"title": "Boss"}}
    check_not_own(narrow.patch(user, title), "user")
    check_not_own(narrow.delete(group), "group")
    linking.link_user(house.units, tenant, CAUSE, "bea@x.test", "narrow")
    linking.link_group(house.units, tenant, CAUSE, "Team", "narrow")
    assert narrow.patch(user, title).status_code == 200
    assert narrow.delete(group).status_code == 204
    actions = [entry.action for entry in house.trail(tenant)]
    assert {"user.linked", "group.linked"} <= set(actions)


def test_linking_makes_no_new_version_and_takes_it_from_the_other(
    client: Connection, narrow: Connection, house: World
) -> None:
    tenant = tenancy.tenant(house.units, client.slug)
    before = client.create_user("ana")
    linking.link_user(house.units, tenant, CAUSE, "ana", "narrow")
    assert client.get(f"/Users/{before['id']}").json["meta"] == before["meta"]
    restrict(house, client, creator_only=True)
    check_not_own(client.delete(f"/Users/{before['id']}"), "user")
    assert narrow.delete(f"/Users/{before['id']}").status_code == 204


def test_what_a_connection_is_held_to_is_undone(client: Connection, house: World) -> None:
    tenant = tenancy.tenant(house.units, client.slug)
    restrict(house, client, creator_only=True, networks=["10.0.0.0/8"])
    assert client.get("/Users").status_code == 403
    entry = next(each for each in reversed(house.trail(tenant)) if each.action == "connection.changed")
    undoing.undo(house.units, tenant, CAUSE, Undoable(entry_id=entry.id))
    assert client.get("/Users").status_code == 200
    found = connecting.connection(house.units, tenant, client.name)
    assert (found.creator_only, found.networks) == (False, ())
