"""/transfers of the admin API: previewed, carried out as previewed, sealed recordings and all."""

import pytest

from scim_server.domain.tenants import Tenant
from tests.api.callers import Caller, caller
from tests.cli.commands import CommandLine
from tests.schedules import load, session
from tests.worlds import Connection, World, contents

WISH = {"mode": "seat_and_events", "from": "ana@x.test", "to": "eva@x.test"}
OVER = {"mode": "take_over", "from": "ana@x.test", "to": "neu@x.test", "firstName": "Eva", "lastName": "Neu"}


@pytest.fixture
def ana(world: World, acme: Tenant, okta: Connection) -> str:
    """Ana's id: she has the one webinar, a meeting, a webinar, a training to come, and a recording."""
    world.buy(acme, "webinar", 1)
    ana = okta.create_user("ana@x.test", entitlements=["webinar"])["id"]
    okta.create_user("eva@x.test")
    load(world, acme, *(session(kind, "ana@x.test", kind) for kind in ("meeting", "webinar", "training", "recording")))
    return str(ana)


def test_what_is_run_is_what_was_previewed(api: Caller, cli: CommandLine, world: World, acme: Tenant, ana: str) -> None:
    before = contents(world)
    told = api.done("POST", "~/transfers/preview", WISH)
    assert contents(world) == before
    assert told == cli.json("transfer", "preview", "acme", "ana@x.test", "eva@x.test", "--mode", "seat_and_events")
    assert [move["product"] for move in told["products"]] == ["webinar"]
    assert [moved["id"] for moved in told["sessions"]] == ["meeting"]
    assert {stays["what"] for stays in told["staying"]["sessions"]} == {"training", "webinar"}
    assert api.done("POST", "~/transfers", WISH, Idempotency_Key="k-1") == told
    assert api.done("POST", "~/transfers", WISH, Idempotency_Key="k-1") == told
    assert world.held_by(acme, "eva@x.test") == {"webinar": "assigned"}
    assert world.seats(acme, "webinar") == (1, 0, 0)
    moved = [entry for entry in world.trail(acme) if entry.action == "session.reassigned"]
    assert {entry.actor.partition(":")[0] for entry in moved} == {"api"}


@pytest.mark.parametrize("kept", [False, True])
def test_recordings_are_sealed_unless_they_are_kept(api: Caller, world: World, ana: str, kept: bool) -> None:
    told = api.done("POST", "~/transfers", {**OVER, "keepRecordings": kept})
    assert told["to"] == {"id": ana, "userName": "neu@x.test", "address": "neu@x.test"}
    assert {each["attribute"]: each["after"] for each in told["replacements"]}["displayName"] == "Eva Neu"
    organisers = {row["id"]: row["organiser"] for row in world.rows("sessions")}
    assert organisers == {"meeting": ana, "webinar": ana, "training": ana, "recording": ana if kept else None}
    assert "recording" not in [moved["id"] for moved in told["sessions"]]


def test_nobody_takes_over_a_role_above_their_own(world: World, acme: Tenant, ana: str, api: Caller) -> None:
    api.done("POST", "~/users", {"email": "boss@x.test", "firstName": "B", "lastName": "C", "role": "super_admin"})
    narrow = caller(world, acme, "people.read", "seats.write")
    wish = {**OVER, "from": "boss@x.test"}
    before = contents(world)
    assert "beyond your own" in narrow.refused(403, "POST", "~/transfers", wish)["detail"]
    assert contents(world) == before
    assert narrow.done("POST", "~/transfers", OVER)["to"]["id"] == ana
    assert api.done("POST", "~/transfers", {**wish, "to": "new@x.test"})["to"]["userName"] == "new@x.test"


def test_what_cannot_move_is_refused(api: Caller, world: World, acme: Tenant, ana: str) -> None:
    problem = api.refused(422, "POST", "~/transfers", {"mode": "all", "to": 5, "products": "webinar", "colour": "red"})
    assert {error["pointer"] for error in problem["errors"]} == {"/mode", "/from", "/to", "/products", "/colour"}
    zoe = world.connect(world.tenant("other")).create_user("zoe@x.test")["id"]
    before = contents(world)
    for path in ("~/transfers", "~/transfers/preview"):
        assert "somebody outside" in api.refused(409, "POST", path, {**WISH, "to": "zoe@x.test"})["detail"]
        there, nowhere = (api.refused(404, "POST", path, {**WISH, "from": each}) for each in (zoe, "nobody"))
        assert there["detail"].replace(zoe, "nobody") == nowhere["detail"]
        assert "to themselves" in api.refused(422, "POST", path, {**WISH, "to": "ana@x.test"})["detail"]
        assert "no product 'zoom'" in api.refused(404, "POST", path, {**WISH, "products": ["zoom"]})["detail"]
        assert "take_over needs" in api.refused(422, "POST", path, {**OVER, "lastName": None})["detail"]
        assert "keeps their own name" in api.refused(422, "POST", path, {**WISH, "firstName": "Eva"})["detail"]
    assert contents(world) == before
