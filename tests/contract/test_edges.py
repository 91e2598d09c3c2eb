"""Whoever edits a person, the same is stored: document, search copy and columns cannot drift (design section 4)."""

from typing import Any

import pytest
from sqlalchemy import select

from scim_server.domain.particulars import Edit, Newcomer
from scim_server.domain.tenants import Tenant
from scim_server.services import editing, grouping, joining
from scim_server.services.grouping import Wanted
from scim_server.store.tables import user_emails, users
from scim_server.store.walls import OPERATOR
from tests.worlds import CAUSE, USER, Connection, World

OF_EACH_THEIR_OWN = {"tenant_id", "id", "origin", "created", "modified"}
MAIL = {"type": "work", "primary": True}
ANA = {
    "schemas": [USER],
    "userName": "Ana@X.test",
    "displayName": "Ana Silva",
    "name": {"givenName": "Ana", "familyName": "Silva"},
    "emails": [{"value": "Ana@X.test", **MAIL}],
    "active": True,
}


def stored(world: World, tenant: Tenant, user_name: str) -> dict[str, Any]:
    """Everything that is kept of a person, but what is each one's own."""
    user_id = world.person(tenant, user_name).user.id
    with world.installation.database.read(OPERATOR) as connection:
        row = connection.execute(select(users).filter_by(tenant_id=tenant.id, id=user_id)).mappings().one()
        emails = select(user_emails).filter_by(tenant_id=tenant.id, user_id=user_id).order_by(user_emails.c.position)
        mails = [dict(email) for email in connection.execute(emails).mappings()]
    kept = {name: value for name, value in row.items() if name not in OF_EACH_THEIR_OWN}
    return kept | {"emails": [{**mail, "tenant_id": None, "user_id": None} for mail in mails]}


@pytest.fixture
def pair(build_world: Any) -> tuple[World, Tenant, Connection, Tenant]:
    """A tenant whose people are written over SCIM, and one whose people are written by hand."""
    world = build_world(email_scope="tenant")
    scim, hand = world.tenant("scim"), world.tenant("hand")
    joining.add_person(world.units, hand, CAUSE, Newcomer("Ana@X.test", "Ana", "Silva"))
    client = world.connect(scim)
    assert client.post("/Users", ANA).status_code == 201
    return world, scim, client, hand


def test_somebody_added_is_stored_alike(pair: tuple[World, Tenant, Connection, Tenant]) -> None:
    world, scim, _, hand = pair
    assert stored(world, scim, "ana@x.test") == stored(world, hand, "ana@x.test")


@pytest.mark.parametrize(
    ("edit", "changes"),
    [
        (
            Edit(first="Anna", last="Costa"),
            {"name": {"givenName": "Anna", "familyName": "Costa"}, "displayName": "Anna Costa"},
        ),
        (Edit(address="Ana.Costa@X.test"), {"emails": [{"value": "Ana.Costa@X.test", **MAIL}]}),
        (Edit(user_name="\u00c4na", display_name="\u1e9eILVA"), {"userName": "\u00c4na", "displayName": "\u1e9eILVA"}),
        (Edit(language="pt-BR"), {"preferredLanguage": "pt-BR"}),
        (Edit(first="", display_name=""), {"name": {"familyName": "Silva"}, "displayName": None}),
        (Edit(first="", last=""), {"name": None}),
    ],
    ids=["names", "address", "user name", "language", "less of a name", "no name"],
)
def test_somebody_edited_is_stored_alike(
    pair: tuple[World, Tenant, Connection, Tenant], edit: Edit, changes: dict[str, Any]
) -> None:
    world, scim, client, hand = pair
    user_id = world.person(scim, "ana@x.test").user.id
    wanted = {name: value for name, value in {**ANA, **changes}.items() if value is not None}
    assert client.put(f"/Users/{user_id}", wanted).status_code == 200
    editing.edit_person(world.units, hand, CAUSE, "ana@x.test", edit)
    user_name = str(wanted["userName"])
    assert stored(world, scim, user_name) == stored(world, hand, user_name)


def test_an_edit_by_hand_keeps_what_it_does_not_know(world: World, acme: Tenant, okta: Connection) -> None:
    """Extensions, further e-mails and everything else that a client wrote stay, and `name.formatted` follows."""
    more = {
        "name": {"formatted": "Ana Silva", "givenName": "Ana", "familyName": "Silva", "middleName": "B"},
        "emails": [{"value": "home@x.test", "type": "home"}, {"value": "ana@x.test", **MAIL}],
        "title": "Dr.",
    }
    ana = okta.create_user("ana", **more)
    editing.edit_person(world.units, acme, CAUSE, "ana", Edit(last="Costa", address="new@x.test"))
    now = okta.get(f"/Users/{ana['id']}").json
    assert now["name"] == {**more["name"], "formatted": "Ana Costa", "familyName": "Costa"}
    assert now["emails"] == [more["emails"][0], {"value": "new@x.test", **MAIL}]
    assert (now["title"], now["meta"]["version"]) == ("Dr.", 'W/"2"')
    assert "displayName" not in now


def test_a_group_is_stored_alike(pair: tuple[World, Tenant, Connection, Tenant]) -> None:
    """Made, renamed and filled over SCIM and by hand."""
    world, scim, client, hand = pair
    made = client.create_group("Sales", world.person(scim, "ana@x.test").user.id)["id"]
    client.patch(f"/Groups/{made}", {"op": "replace", "path": "displayName", "value": "Sellers"})
    grouping.create_group(world.units, hand, CAUSE, "Sales", Wanted(["ana@x.test"]))
    grouping.rename_group(world.units, hand, CAUSE, "sales", "Sellers")
    first, second = (
        {name: value for name, value in row.items() if name not in OF_EACH_THEIR_OWN} for row in world.rows("groups")
    )
    assert first == second
    assert len(world.rows("members")) == 2
