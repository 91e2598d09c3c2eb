"""Who owns which e-mail address, in the tenant and across tenants (design section 6, invariant 5)."""

from collections.abc import Callable

import pytest

from scim_server.domain.tenants import Tenant
from tests.worlds import USER, Connection, World


def mails(*values: str, primary: int | None = None) -> list[dict[str, object]]:
    return [
        {"value": value, "type": "work", **({"primary": True} if number == primary else {})}
        for number, value in enumerate(values)
    ]


def owned(world: World) -> dict[str, str]:
    """Address to the id of its owner."""
    return {row["address_key"]: row["user_id"] for row in world.rows("addresses")}


def open_issues(world: World) -> list[dict[str, object]]:
    return [row for row in world.rows("issues") if row["closed"] is None]


@pytest.mark.parametrize(
    ("user_name", "emails", "address"),
    [
        ("ana", mails("a@x.test", "B@x.test", primary=1), "b@x.test"),
        ("ana", mails("a@x.test", "b@x.test"), "a@x.test"),
        ("Ana@x.test", mails("a@x.test"), "a@x.test"),
        ("Ana@x.test", [], "ana@x.test"),
        ("Ana@x.test", [{"display": "no value"}], "ana@x.test"),
        ("ana", [], None),
        ("ana@", [], None),
    ],
)
def test_the_address_is_the_primary_mail_else_the_first_else_the_user_name(
    world: World, okta: Connection, user_name: str, emails: list[dict[str, object]], address: str | None
) -> None:
    user = okta.create_user(user_name, emails=emails)
    assert owned(world) == ({address: user["id"]} if address else {})


def test_in_a_tenant_the_first_owns_an_address_and_later_ones_get_an_issue(world: World, okta: Connection) -> None:
    ana = okta.create_user("ana", emails=mails("shared@x.test"))
    bob = okta.create_user("bob", emails=mails("Shared@X.test"))
    assert owned(world) == {"shared@x.test": ana["id"]}
    assert [(row["code"], row["user_id"]) for row in open_issues(world)] == [("EMAIL_IN_USE", bob["id"])]


def test_further_addresses_are_data_and_collide_with_nobody(world: World, okta: Connection) -> None:
    okta.create_user("ana", emails=mails("ana@x.test", "shared@x.test"))
    okta.create_user("bob", emails=mails("bob@x.test", "shared@x.test"))
    assert open_issues(world) == []
    assert len(okta.find("/Users", 'emails.value eq "shared@x.test"')) == 2


@pytest.mark.parametrize(
    "leave",
    [
        lambda okta, user: okta.delete(f"/Users/{user}"),
        lambda okta, user: okta.patch(
            f"/Users/{user}", {"op": "replace", "path": "emails", "value": mails("moved@x.test")}
        ),
    ],
    ids=["deleted", "moved away"],
)
def test_an_address_given_up_goes_to_the_next_oldest_who_has_it(
    world: World, okta: Connection, leave: Callable[[Connection, str], object]
) -> None:
    people = [okta.create_user(name, emails=mails("shared@x.test"))["id"] for name in ("ana", "bob", "cid")]
    leave(okta, people[0])
    assert owned(world)["shared@x.test"] == people[1]
    assert [row["user_id"] for row in open_issues(world)] == [people[2]]


def test_an_address_changed_in_letter_case_stays_where_it_is(world: World, okta: Connection) -> None:
    ana = okta.create_user("ana", emails=mails("ana@x.test"))["id"]
    okta.create_user("bob", emails=mails("ana@x.test"))
    okta.patch(f"/Users/{ana}", {"op": "replace", "path": 'emails[type eq "work"].value', "value": "ANA@x.test"})
    assert owned(world) == {"ana@x.test": ana}


def test_the_issue_of_a_later_one_closes_when_they_take_another_address(world: World, okta: Connection) -> None:
    okta.create_user("ana", emails=mails("shared@x.test"))
    bob = okta.create_user("bob", emails=mails("shared@x.test"))["id"]
    okta.patch(f"/Users/{bob}", {"op": "replace", "path": "emails", "value": mails("bob@x.test")})
    assert open_issues(world) == []
    assert owned(world)["bob@x.test"] == bob


def test_an_address_owned_in_another_tenant_is_refused_and_names_nobody(
    world: World, acme: Tenant, okta: Connection
) -> None:
    okta.create_user("ana", emails=mails("ana@x.test"))
    other = world.tenant("other")
    client = world.connect(other, "entra")
    answer = client.post("/Users", {"schemas": [USER], "userName": "ana", "emails": mails("Ana@x.test")})
    assert (answer.status_code, answer.json["scimType"]) == (409, "uniqueness")
    assert "acme" not in answer.text.lower()
    assert "okta" not in answer.text.lower()
    assert client.find("/Users", "userName pr") == []
    (issue,) = open_issues(world)
    connection = next(row["id"] for row in world.rows("connections") if row["name"] == "entra")
    assert (issue["tenant_id"], issue["code"], issue["subject"]) == (other.id, "EMAIL_IN_USE", "ana@x.test")
    assert (issue["connection_id"], issue["user_id"], issue["product"]) == (connection, None, None)


def test_a_refusal_repeated_is_one_issue(world: World, okta: Connection) -> None:
    okta.create_user("ana@x.test")
    client = world.connect(world.tenant("other"))
    for _ in range(2):
        assert client.post("/Users", {"schemas": [USER], "userName": "ana@x.test"}).status_code == 409
    assert len(world.rows("issues")) == 1


def test_the_issue_closes_when_the_address_is_free_and_the_request_then_succeeds(
    world: World, okta: Connection
) -> None:
    """Free means free: as long as somebody of the owning tenant has it, nothing closes."""
    people = [okta.create_user(name, emails=mails("shared@x.test"))["id"] for name in ("ana", "bob")]
    client = world.connect(world.tenant("other"))
    wanted = {"schemas": [USER], "userName": "ana", "emails": mails("shared@x.test")}
    assert client.post("/Users", wanted).status_code == 409
    okta.delete(f"/Users/{people[0]}")
    assert [row["user_id"] for row in open_issues(world)] == [None]
    okta.delete(f"/Users/{people[1]}")
    assert open_issues(world) == []
    assert client.post("/Users", wanted).status_code == 201


@pytest.mark.parametrize("verb", ["patch", "put"])
def test_a_change_to_an_address_owned_elsewhere_leaves_the_user_as_they_were(
    world: World, okta: Connection, verb: str
) -> None:
    okta.create_user("ana@x.test")
    client = world.connect(world.tenant("other"))
    bob = client.create_user("bob", emails=mails("bob@x.test"))
    if verb == "patch":
        change = {"op": "replace", "path": 'emails[type eq "work"].value', "value": "ana@x.test"}
        answer = client.patch(f"/Users/{bob['id']}", change)
    else:
        body = {"schemas": [USER], "userName": "bob", "emails": mails("ana@x.test")}
        answer = client.put(f"/Users/{bob['id']}", body)
    assert (answer.status_code, answer.json["scimType"]) == (409, "uniqueness")
    assert client.get(f"/Users/{bob['id']}").json == bob
    assert owned(world)["bob@x.test"] == bob["id"]


def test_addresses_may_repeat_across_tenants_where_the_scope_is_the_tenant(
    build_world: Callable[..., World],
) -> None:
    world = build_world(email_scope="tenant")
    clients = [world.connect(world.tenant(slug)) for slug in ("one", "two")]
    for client in clients:
        client.create_user("ana@x.test")
    assert open_issues(world) == []
    assert len(world.rows("addresses")) == 2


def test_a_suspended_person_keeps_the_address(world: World, okta: Connection) -> None:
    ana = okta.create_user("ana@x.test")["id"]
    okta.patch(f"/Users/{ana}", {"op": "replace", "path": "active", "value": False})
    assert owned(world) == {"ana@x.test": ana}
