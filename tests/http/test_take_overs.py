"""Taking over: somebody new gets a person's place with everything in it, and the person is out."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest

from scim_server.domain.errors import AddressTaken, Invalid, Refusal, Taken
from scim_server.domain.tenants import Tenant
from scim_server.domain.transfers import Replacement
from scim_server.services import person_tokens
from tests.events import of_person
from tests.http.refusals import unchanged
from tests.schedules import load, organisers, session
from tests.transfers import take_over
from tests.worlds import CAUSE, ENTERPRISE, USER, Connection, World

ANA = {
    "externalId": "e-1",
    "displayName": "Ana Alt",
    "name": {"givenName": "Ana", "familyName": "Alt"},
    "nickName": "Anni",
    "title": "Head of Sales",
    "locale": "de-DE",
    "emails": [{"value": "ana@x.test", "primary": True}, {"value": "ana@home.test"}],
    "phoneNumbers": [{"value": "tel:+49-1"}],
    "x509Certificates": [{"value": "bm9uZQ=="}],
    "entitlements": ["webinar"],
    ENTERPRISE: {"department": "Sales"},
}


@pytest.fixture
def ana(world: World, acme: Tenant, okta: Connection) -> dict[str, Any]:
    """Ana, in a group, with the one seat, a meeting to come and a recording."""
    world.buy(acme, "webinar", 1)
    ana = okta.create_user("ana", **ANA)
    okta.create_group("Sales", ana["id"])
    load(world, acme, session("m1", "ana"), session("t1", "ana", "training"), session("r1", "ana", "recording"))
    return ana


def test_the_id_stays_with_everything_and_the_person_is_another(
    world: World, acme: Tenant, okta: Connection, ana: dict[str, Any]
) -> None:
    plan = take_over(world, acme, "ana", "eva@x.test")
    assert list(plan.replacements) == [
        Replacement("userName", "ana", "eva@x.test"),
        Replacement("address", "ana@x.test", "eva@x.test"),
        Replacement("displayName", "Ana Alt", "Eva Neu"),
        Replacement("externalId", "e-1", None),
    ]
    eva = okta.get(f"/Users/{ana['id']}").json
    assert (eva["userName"], eva["displayName"], eva["name"]["familyName"]) == ("eva@x.test", "Eva Neu", "Neu")
    assert [email["value"] for email in eva["emails"]] == ["eva@x.test"]
    for gone in ("externalId", "nickName", "phoneNumbers", "x509Certificates"):
        assert gone not in eva
    for kept in ("title", "locale", ENTERPRISE, "entitlements"):
        assert eva[kept] == ana[kept]
    assert [group["display"] for group in eva["groups"]] == ["Sales"]
    assert world.held_by(acme, "eva@x.test") == {"webinar": "assigned"}
    assert world.seats(acme, "webinar") == (1, 0, 0)
    assert [row["action"] for row in world.rows("audit") if row["object_id"] == ana["id"]] == [
        "user.created", "claims.changed", "user.changed", "recordings.sealed"
    ]  # fmt: skip


def test_sessions_stay_and_recordings_are_sealed(world: World, acme: Tenant, ana: dict[str, Any]) -> None:
    plan = take_over(world, acme, "ana", "eva@x.test")
    assert {each.id for each in plan.sessions} == {"m1", "t1"}
    assert organisers(world) == {"m1": ana["id"], "t1": ana["id"], "r1": None}
    with world.units.read(acme) as uow:
        assert {each.id for each in uow.sessions.visible(ana["id"])} == {"m1", "t1"}


def test_recordings_stay_where_that_is_confirmed(world: World, acme: Tenant, ana: dict[str, Any]) -> None:
    take_over(world, acme, "ana", "eva@x.test", keeps_recordings=True)
    assert organisers(world)["r1"] == ana["id"]


def test_a_plan_says_nothing_of_whether_there_are_recordings(
    world: World, acme: Tenant, okta: Connection, ana: dict[str, Any]
) -> None:
    okta.create_user("ben")
    without = take_over(world, acme, "ben", "bea@x.test")
    assert without.notes == take_over(world, acme, "ana", "eva@x.test").notes


def test_access_of_the_person_before_ends(world: World, acme: Tenant, okta: Connection, ana: dict[str, Any]) -> None:
    _, text = person_tokens.issue_token(world.units, acme, CAUSE, "ana", timedelta(days=1))
    herself = Connection(world.app.test_client(), "acme", text, "ana")
    assert herself.get("/Me").status_code == 200
    take_over(world, acme, "ana", "eva@x.test")
    assert herself.get("/Me").status_code == 401
    told = [row["event"] for row in of_person(world.rows("outbox"), ana["id"])]
    assert told[-2:] == ["user.taken_over", "transfer.completed"]
    assert "token.revoked" in {row["action"] for row in world.rows("audit")}


def test_the_identity_provider_finds_nobody_for_the_person_before_and_makes_them_anew(
    world: World, acme: Tenant, okta: Connection, ana: dict[str, Any]
) -> None:
    take_over(world, acme, "ana", "eva@x.test")
    assert okta.find("/Users", 'externalId eq "e-1"') == okta.find("/Users", 'userName eq "ana"') == []
    assert okta.find("/Users", 'emails.value eq "ana@x.test"') == []
    again = okta.create_user("ana", **ANA)
    assert again["id"] != ana["id"]
    assert world.held_by(acme, "eva@x.test") == {"webinar": "assigned"}
    assert world.held_by(acme, "ana") == {"webinar": "waiting"}
    assert organisers(world)["m1"] == ana["id"]


def test_the_identity_provider_links_the_newcomer_by_user_name(
    world: World, acme: Tenant, okta: Connection, ana: dict[str, Any]
) -> None:
    take_over(world, acme, "ana", "eva@x.test")
    refused = okta.post("/Users", {"schemas": [USER], "userName": "eva@x.test", "externalId": "e-2"})
    assert refused.status_code == 409
    (found,) = okta.find("/Users", 'userName eq "eva@x.test"')
    assert found["id"] == ana["id"]
    linked = okta.patch(f"/Users/{found['id']}", {"op": "add", "path": "externalId", "value": "e-2"})
    assert linked.json["externalId"] == "e-2"


def test_the_old_address_is_free_at_once_and_the_new_one_owned(
    world: World, acme: Tenant, okta: Connection, ana: dict[str, Any]
) -> None:
    take_over(world, acme, "ana", "eva@x.test", user_name="eva")
    assert world.person(acme, "eva").user.address == "eva@x.test"
    other = world.connect(world.tenant("other"))
    other.create_user("ana@x.test")
    assert other.post("/Users", {"schemas": [USER], "userName": "eva@x.test"}).status_code == 409


def test_an_address_of_somebody_in_the_tenant_is_refused(
    world: World, acme: Tenant, okta: Connection, ana: dict[str, Any]
) -> None:
    okta.create_user("ben", emails=[{"value": "ben@x.test"}])
    for address in ("ben@x.test", "BEN@x.test"):
        with unchanged(world), pytest.raises(Taken, match="belongs to 'ben', who is in the tenant already"):
            take_over(world, acme, "ana", address)


def test_an_address_of_another_tenant_is_refused_without_naming_it(
    world: World, acme: Tenant, ana: dict[str, Any]
) -> None:
    world.connect(world.tenant("other")).create_user("eva@x.test")
    with unchanged(world), pytest.raises(AddressTaken) as refusal:
        take_over(world, acme, "ana", "eva@x.test")
    assert "other" not in refusal.value.detail.replace("another", "")


def test_a_user_name_in_use_is_refused(world: World, acme: Tenant, okta: Connection, ana: dict[str, Any]) -> None:
    okta.create_user("ben")
    with unchanged(world), pytest.raises(Taken, match="user name 'BEN' is in use"):
        take_over(world, acme, "ana", "eva@x.test", user_name="BEN")


@pytest.mark.parametrize(
    ("giver", "address", "reason"),
    [
        ("ana", "eva", "'eva' is none"),
        ("ana", "ana@x.test", "'ana@x.test' is ana already"),
        ("ana", "ANA@x.test", "is ana already"),
    ],
)
def test_what_is_no_new_address_is_refused(
    world: World, acme: Tenant, ana: dict[str, Any], giver: str, address: str, reason: str
) -> None:
    with unchanged(world), pytest.raises(Invalid, match=reason):
        take_over(world, acme, giver, address)


@pytest.mark.parametrize("user_name", ["Eva Neu", "e\0va", "e" * 513])
def test_a_user_name_nobody_can_have_is_refused(
    world: World, acme: Tenant, ana: dict[str, Any], user_name: str
) -> None:
    with unchanged(world), pytest.raises(Invalid, match="Nobody can have the user name"):
        take_over(world, acme, "ana", "eva@x.test", user_name=user_name)


def test_a_suspended_person_must_be_reactivated_first(
    world: World, acme: Tenant, okta: Connection, ana: dict[str, Any]
) -> None:
    okta.patch(f"/Users/{ana['id']}", {"op": "replace", "path": "active", "value": False})
    with unchanged(world), pytest.raises(Invalid, match="is suspended and so holds no seat"):
        take_over(world, acme, "ana", "eva@x.test")


def test_of_several_at_once_who_want_one_address_exactly_one_gets_it(
    world: World, acme: Tenant, okta: Connection
) -> None:
    givers = [okta.create_user(f"g{number}")["userName"] for number in range(4)]
    start = Barrier(len(givers))

    def attempt(giver: str) -> str | None:
        start.wait()
        try:
            take_over(world, acme, giver, "eva@x.test", user_name=f"eva-{giver}")
        except Refusal as refusal:
            return refusal.detail
        return None

    with ThreadPoolExecutor(len(givers)) as pool:
        outcomes = list(pool.map(attempt, givers))
    assert outcomes.count(None) == 1
    assert all("is in the tenant already" in each for each in outcomes if each is not None)
    assert world.rows("issues") == []
