"""A connection is removed: who came in by it is out at once, and what it managed stays, as another's or as nobody's."""

from dataclasses import replace
from datetime import timedelta

import pytest

from scim_server.domain.access import OPERATOR, PERMISSIONS
from scim_server.domain.errors import Forbidden, Invalid, Missing, StillManages
from scim_server.domain.tenants import SCIM_SCOPES, Tenant
from scim_server.resources.users import newcomer
from scim_server.services import (
    connecting,
    connections_seen,
    deferring,
    disconnecting,
    issue_reports,
    leaving,
    linking,
    people,
    provisioning,
    provisioning_logs,
    registering,
    stocktaking,
    tenancy,
    tokens,
    trusting,
    undoing,
)
from scim_server.services.disconnecting import Fate, Removal
from scim_server.services.handing_over import BATCH, hand_over
from scim_server.services.log_entries import Sought
from scim_server.services.token_entries import SoughtTokens
from scim_server.services.undoing import Undoable
from tests.http.refusals import check_refusal, unchanged
from tests.http.test_custom_schemas import device
from tests.http.test_statements import counting
from tests.programs import program
from tests.queues import work
from tests.tellings import listen
from tests.worlds import CAUSE, USER, Connection, World

RELEASE = Fate(release=True)
OF_ADMIN = replace(CAUSE, permits=frozenset(PERMISSIONS) - {"super_admins.grant"})


def tenant_of(house: World, client: Connection) -> Tenant:
    return tenancy.tenant(house.units, client.slug)


def remove(house: World, client: Connection, fate: Fate = RELEASE) -> Removal:
    return disconnecting.remove_connection(house.units, tenant_of(house, client), CAUSE, client.name, fate)


def origin_of(house: World, user_id: str, table: str = "users") -> str:
    """Whose something is, by where it says so."""
    return next(row["origin"] for row in house.rows(table) if row["id"] == user_id)


def names(house: World, tenant: Tenant) -> list[str]:
    return [each.name for each in tenancy.connections(house.units, tenant)]


@pytest.fixture
def entra(house: World, client: Connection) -> Connection:
    """Another connection of the same tenant, which may change its own alone."""
    other = house.connect(tenant_of(house, client), "entra")
    connecting.edit_connection(house.units, tenant_of(house, client), CAUSE, "entra", creator_only=True)
    return other


def test_what_it_manages_must_be_somebody_s(house: World, client: Connection) -> None:
    client.create_group("Sales", client.create_user("ana")["id"], client.create_user("ben")["id"])
    with unchanged(house), pytest.raises(StillManages, match=r"people \(2\), groups \(1\).*--to OTHER.*--release"):
        remove(house, client, Fate())
    assert client.get("/Users").status_code == 200


def test_one_that_manages_nothing_goes_without_a_word(house: World, client: Connection) -> None:
    assert not remove(house, client, Fate()).manages
    check_refusal(client.get("/Users"), 401)


def test_nobody_comes_in_by_it_any_more(house: World, client: Connection) -> None:
    """Whatever it came in with: tokens, what a client obtained, what it would obtain, tokens of a trusted issuer."""
    tenant = tenant_of(house, client)
    _, second = tenancy.issue_token(house.units, tenant, CAUSE, client.name, timedelta(days=1))
    idp = program(house, client, "client_secret_post")
    access = idp.token(scope="scim")
    trusting.trust_issuer(
        house.units, tenant, CAUSE, client.name, "idp", trusting.Terms("https://idp.example.com", "seats", "okta")
    )
    doors = [client, replace(client, token=second), idp.scim(access)]
    assert [door.get("/Users").status_code for door in doors] == [200, 200, 200]
    removal = remove(house, client, Fate())
    assert (removal.tokens, removal.clients, removal.issuers) == (2, 1, 1)
    assert [door.get("/Users").status_code for door in doors] == [401, 401, 401]
    assert [door.post("/Users", {"schemas": [USER], "userName": "eve"}).status_code for door in doors] == [401] * 3
    assert idp.obtain(scope="scim").status_code == 401
    assert trusting.issuers(house.units, tenant) == []
    (listed,) = registering.registrations(house.units, tenant)
    assert (listed.connection, listed.client.revoked) == ("okta", removal.connection.removed)
    assert tokens.tokens(house.units, SoughtTokens(tenant_id=tenant.id)) == []
    house.check()


def test_what_was_made_while_it_was_removed_opens_nothing(house: World, client: Connection) -> None:
    """By somebody who had found the connection before."""
    tenant = tenant_of(house, client)
    idp = program(house, client, "client_secret_post")
    texts = [client.token, idp.token(scope="scim")]
    removed = remove(house, client, Fate()).connection
    with house.units.write(tenant, CAUSE) as uow:
        late, text = tenancy.new_token(uow, removed, SCIM_SCOPES, timedelta(days=1))
        known = uow.oauth_clients.get(idp.client_id)
        assert known is not None
        uow.oauth_clients.save(replace(known, revoked=None))
        uow.commit()
    assert late.connection_id == removed.id
    assert [replace(client, token=each).get("/Users").status_code for each in (*texts, text)] == [401] * 3
    assert idp.obtain(scope="scim").status_code == 401
    with house.units.write(tenant, CAUSE) as uow:
        uow.oauth_clients.save(known)
        uow.connections.revoke_token(late.id, uow.now)
        uow.commit()


def test_people_and_groups_stay_as_they_are(house: World, client: Connection) -> None:
    tenant = tenant_of(house, client)
    house.buy(tenant, "meeting", 5)
    house.decide(client.slug, receipts="yes", welcome_mails="yes", change_mails="yes")
    listen(house, client.slug)
    ana = client.create_user("ana", entitlements=["meeting"], roles=[{"value": "admin"}])
    sales = client.create_group("Sales", ana["id"])
    entra = house.connect(tenant, "entra")
    before = [entra.get(f"/Users/{ana['id']}").json, entra.get(f"/Groups/{sales['id']}").json]
    earlier = {row["id"] for row in house.rows("outbox")}
    removal = remove(house, client)
    assert (removal.people, removal.groups, removal.to) == (1, 1, None)
    assert [entra.get(f"/Users/{ana['id']}").json, entra.get(f"/Groups/{sales['id']}").json] == before
    assert house.held_by(tenant, "ana") == {"meeting": "assigned"}
    assert house.roles_of(tenant, "ana") == [("admin", "direct")]
    assert [row["event"] for row in house.rows("outbox") if row["id"] not in earlier] == ["connection.removed"]
    assert (origin_of(house, ana["id"]), origin_of(house, sales["id"], "groups")) == ("admin", "admin")


def test_what_is_released_belongs_to_whichever_connection_writes_it(house: World, client: Connection) -> None:
    """As what an admin made by hand does: so the next identity provider takes on whom it finds."""
    ana = client.create_user("ana")["id"]
    remove(house, client)
    entra = house.connect(tenant_of(house, client), "entra")
    entra.patch(f"/Users/{ana}", {"op": "replace", "path": "title", "value": "Boss"})
    (view,) = connections_seen.connections_seen(house.units, tenant_of(house, client))
    assert origin_of(house, ana) == f"connection:{view.connection.id}"


def test_what_is_handed_over_belongs_to_the_other_one(house: World, client: Connection, entra: Connection) -> None:
    ana = client.create_user("ana")["id"]
    sales = client.create_group("Sales", ana)["id"]
    change = {"op": "replace", "path": "displayName", "value": "Anew"}
    assert entra.patch(f"/Users/{ana}", change).status_code == 403
    removal = remove(house, client, Fate(to="entra"))
    assert (removal.people, removal.groups, removal.to) == (1, 1, "entra")
    assert entra.patch(f"/Users/{ana}", change).status_code == 200
    assert entra.patch(f"/Groups/{sales}", change).status_code == 204
    assert connections_seen.managed(house.units, tenant_of(house, client), "entra") == connections_seen.Managed(1, 1, 0)


def test_other_resources_go_with_it(library: World, reader: Connection) -> None:
    door = reader.post("/Devices", device("Door")).json["id"]
    with pytest.raises(StillManages, match=r"other resources \(1\)"):
        remove(library, reader, Fate())
    assert remove(library, reader).resources == 1
    assert origin_of(library, door, "resources") == "admin"
    assert stocktaking.compare(library.units, tenant_of(library, reader)) == []


def test_who_was_deleted_comes_back_by_the_other_one(house: World, client: Connection, entra: Connection) -> None:
    """With their history, where the externalId is the same, as that of an application made anew in Okta can be."""
    ana = client.create_user("ana", externalId="e-1")["id"]
    ben = client.create_user("ben")["id"]
    for gone in (ana, ben):
        client.delete(f"/Users/{gone}")
    remove(house, client, Fate(to="entra"))
    again = entra.create_user("ana.b", externalId="e-1")["id"]
    tenant = tenant_of(house, client)
    assert house.person(tenant, "ana.b").user.id == again
    assert [row["successor"] for row in house.rows("tombstones") if row["id"] == ana] == [again]
    leaving.restore_person(house.units, tenant, CAUSE, "ben")
    assert origin_of(house, ben) == origin_of(house, again)


def test_its_name_is_free(house: World, client: Connection) -> None:
    tenant = tenant_of(house, client)
    client.create_user("ana")
    former = connecting.connection(house.units, tenant, "okta")
    remove(house, client)
    assert names(house, tenant) == []
    for called in ("okta", former.id):
        with pytest.raises(Missing, match="no connection"):
            connecting.connection(house.units, tenant, called)
    house.connect(tenant).create_user("ben")
    house.installation.log.flush()
    (view,) = connections_seen.connections_seen(house.units, tenant)
    assert len(view.tokens) == 1
    (by_name,), (by_id,) = (
        [each.entry.body or "" for each in provisioning_logs.requests(house.units, tenant, Sought(10), called)]
        for called in ("okta", former.id)
    )
    assert ("ben" in by_name, "ana" in by_id) == (True, True)
    made = [entry for entry in house.trail(tenant) if entry.action == "user.created"]
    told = provisioning_logs.actor_names(house.units, tenant)
    assert [told[entry.actor] for entry in made] == ["okta", "okta"]
    assert len({entry.actor for entry in made}) == 2
    tenancy.create_connection(
        house.units, tenant, CAUSE, "ping", idp="ping", manages_entitlements="auto", max_role="admin"
    )
    connecting.edit_connection(house.units, tenant, CAUSE, "okta", name="okta2")
    connecting.edit_connection(house.units, tenant, CAUSE, "ping", name="okta")


def test_the_trail_has_an_entry_for_each_thing(house: World, client: Connection, entra: Connection) -> None:
    tenant = tenant_of(house, client)
    ana = client.create_user("ana")["id"]
    sales = client.create_group("Sales", ana)["id"]
    client.delete(f"/Users/{client.create_user('ben')['id']}")
    cause = replace(CAUSE, request_id="the-removal")
    disconnecting.remove_connection(house.units, tenant, cause, client.name, Fate(to="entra"))
    mine = [entry for entry in house.trail(tenant) if entry.request_id == "the-removal"]
    assert sorted(entry.action for entry in mine) == [
        "connection.removed",
        "group.linked",
        "token.revoked",
        "tombstone.linked",
        "user.linked",
    ]
    assert {entry.object_id for entry in mine} >= {ana, sales}
    assert stocktaking.compare(house.units, tenant) == []
    with pytest.raises(Invalid, match="cannot be undone"):
        undoing.undo(house.units, tenant, CAUSE, Undoable("the-removal"))


def test_what_was_changed_of_it_is_not_undone(house: World, client: Connection) -> None:
    tenant = tenant_of(house, client)
    cause = replace(CAUSE, request_id="the-change")
    connecting.edit_connection(house.units, tenant, cause, client.name, max_role="member")
    remove(house, client)
    with pytest.raises(Missing, match="was removed"):
        undoing.undo(house.units, tenant, CAUSE, Undoable("the-change"))


def test_a_preview_changes_nothing(house: World, client: Connection, entra: Connection) -> None:
    client.create_user("ana")
    tenant = tenant_of(house, client)
    with unchanged(house):
        for fate, to in ((Fate(), None), (RELEASE, None), (Fate(to="entra"), "entra")):
            removal = disconnecting.preview(house.units, tenant, CAUSE, client.name, fate)
            assert (removal.people, removal.tokens, removal.to) == (1, 1, to)


@pytest.mark.parametrize(
    ("fate", "error", "words"),
    [
        (Fate(to="okta"), Invalid, "name another one"),
        (Fate(to="nobody"), Missing, "no connection 'nobody'"),
        (Fate(to="entra", release=True), Invalid, "not both"),
    ],
)
def test_a_fate_that_is_none(
    house: World, client: Connection, entra: Connection, fate: Fate, error: type[Exception], words: str
) -> None:
    with unchanged(house), pytest.raises(error, match=words):
        remove(house, client, fate)


def test_it_is_not_removed_twice(house: World, client: Connection) -> None:
    remove(house, client)
    with pytest.raises(Missing):
        remove(house, client)


def test_an_admin_hands_nobody_over_who_is_above_them(house: World, client: Connection, entra: Connection) -> None:
    """As linking them one by one would be refused; released they are no connection's."""
    tenant = tenant_of(house, client)
    connecting.edit_connection(house.units, tenant, CAUSE, client.name, max_role="super_admin")
    root = client.create_user("root", roles=[{"value": "super_admin"}])["id"]
    fate = Fate(to="entra")
    with unchanged(house), pytest.raises(Forbidden, match="super_admin"):
        disconnecting.remove_connection(house.units, tenant, OF_ADMIN, client.name, fate)
    connecting.edit_connection(house.units, tenant, CAUSE, "entra", max_role="super_admin")
    linking.link_user(house.units, tenant, CAUSE, "root", "entra")
    with unchanged(house), pytest.raises(Forbidden, match="super_admin"):
        disconnecting.remove_connection(house.units, tenant, OF_ADMIN, client.name, fate)
    disconnecting.remove_connection(house.units, tenant, OF_ADMIN, client.name, RELEASE)
    assert house.roles_of(tenant, "root") == [("super_admin", "direct")]
    assert root


def test_nor_somebody_who_would_be_again(house: World, client: Connection, entra: Connection) -> None:
    """Suspended they have no role, and get theirs back as whoever manages them says so."""
    tenant = tenant_of(house, client)
    connecting.edit_connection(house.units, tenant, CAUSE, client.name, max_role="super_admin")
    root = client.create_user("root", roles=[{"value": "Super_Admin"}])["id"]
    client.create_user("other", roles=[{"value": "super_admin"}])
    linking.link_user(house.units, tenant, CAUSE, "other", "entra")
    assert client.patch(f"/Users/{root}", {"op": "replace", "path": "active", "value": False}).status_code == 200
    assert house.roles_of(tenant, "root") == []
    fate = Fate(to="entra")
    with unchanged(house), pytest.raises(Forbidden, match="super_admin"):
        disconnecting.remove_connection(house.units, tenant, OF_ADMIN, client.name, fate)
    linking.link_user(house.units, tenant, CAUSE, "root", "entra")
    assert disconnecting.remove_connection(house.units, tenant, OF_ADMIN, client.name, fate).to == "entra"


def test_a_role_that_was_denied_stays_denied(house: World, client: Connection) -> None:
    tenant = tenant_of(house, client)
    client.create_user("eve", roles=[{"value": "super_admin"}])
    remove(house, client)
    house.do_chore("reprocess")
    assert house.roles_of(tenant, "eve") == []
    (left,) = [each for each in issue_reports.reports(house.units, tenant) if each.issue.code == "ROLE_ABOVE_MAX"]
    assert left.connection == "okta"


def test_what_nobody_sends_again_is_no_issue(house: World, client: Connection) -> None:
    tenant = tenant_of(house, client)
    terms = {"idp": "generic", "manages_entitlements": "auto", "max_role": "admin"}
    tenancy.create_connection(house.units, tenant, CAUSE, "soon", **terms)
    tenancy.issue_token(house.units, tenant, CAUSE, "soon", timedelta(days=20))
    trusted = trusting.Terms("https://idp.example.com", "seats", "okta")
    issuer = trusting.trust_issuer(house.units, tenant, CAUSE, "soon", "idp", trusted).issuer
    soon = connecting.connection(house.units, tenant, "soon")
    trusting.note_reach(house.units, tenant, soon, issuer, reached=False)
    house.advance(14 * 86_400)
    house.do_chore("tidy-issues")
    opened = {each.issue.code for each in issue_reports.reports(house.units, tenant)}
    assert opened == {"TOKEN_EXPIRES", "ISSUER_UNREACHABLE"}
    disconnecting.remove_connection(house.units, tenant, CAUSE, "soon", Fate())
    house.do_chore("tidy-issues")
    assert issue_reports.reports(house.units, tenant) == []


def test_an_address_that_it_wanted_is_no_issue(world: World) -> None:
    tenant = world.tenant()
    world.connect(world.tenant("other")).create_user("ana@x.test")
    okta = world.connect(tenant)
    assert okta.post("/Users", {"schemas": [USER], "userName": "ana@x.test"}).status_code == 409
    assert [each.issue.code for each in issue_reports.reports(world.units, tenant)] == ["EMAIL_IN_USE"]
    remove(world, okta, Fate())
    assert issue_reports.reports(world.units, tenant) == []


def test_what_waits_to_be_carried_out_is_not(house: World, client: Connection) -> None:
    house.decide(client.slug, async_requests="request")
    answer = client.post("/Users", {"schemas": [USER], "userName": "eve"}, Prefer="respond-async")
    assert answer.status_code == 202
    remove(house, client)
    work(house)
    (logged,) = [row for row in house.rows("provisioning_log") if row["id"] == answer.headers["Set-Txn"]]
    assert logged["status"] == 403
    (kept,) = deferring.async_requests(house.units, tenant_of(house, client))
    assert (kept.state, kept.sender) == ("failed", "okta")
    assert people.people(house.units, tenant_of(house, client)) == []


def left_behind(house: World, client: Connection, *user_names: str) -> str:
    """People whom requests made that were let in before the removal and written after it; the id of the last."""
    tenant = tenant_of(house, client)
    (removed,) = (row["id"] for row in house.rows("connections") if row["tenant_id"] == tenant.id and row["removed"])
    with house.units.write(tenant, CAUSE) as uow:
        made = [
            provisioning.create_user(uow, newcomer({"userName": name}, f"connection:{removed}"), OPERATOR).id
            for name in user_names
        ]
        uow.commit()
    return made[-1]


def test_what_comes_late_is_handed_over_by_the_chore(house: World, client: Connection, entra: Connection) -> None:
    """For an hour: nobody writes any longer who was let in before the removal."""
    remove(house, client, Fate(to="entra"))
    for hours in (0, 2):
        late = left_behind(house, client, f"late{hours}")
        house.advance(hours * 3600)
        assert house.do_chore("hand-over") == 1
        assert origin_of(house, late).startswith("connection:")
        assert entra.patch(f"/Users/{late}", {"op": "add", "path": "title", "value": "x"}).status_code == 200
    assert stocktaking.compare(house.units, tenant_of(house, client)) == []
    late = left_behind(house, client, "never")
    assert house.do_chore("hand-over") == 0
    assert late


def test_what_was_to_be_one_s_that_is_removed_since_is_its_successor_s(
    house: World, client: Connection, entra: Connection
) -> None:
    tenant = tenant_of(house, client)
    ping = house.connect(tenant, "ping")
    ping_id = connecting.connection(house.units, tenant, "ping").id
    removed = remove(house, client, Fate(to="entra")).connection
    left = left_behind(house, client, "left")
    remove(house, entra, Fate(to="ping"))
    assert list(hand_over(house.units, tenant, CAUSE, removed)) == [1]
    assert origin_of(house, left) == f"connection:{ping_id}"
    remove(house, ping)
    assert origin_of(house, left) == "admin"


def test_a_crowd_is_handed_over_batch_by_batch(house: World, client: Connection, entra: Connection) -> None:
    """In as many statements for each batch, so that nobody waits for all of them, and one entry for each person."""
    tenant = tenant_of(house, client)
    removed = remove(house, client, Fate(to="entra")).connection
    many = 2 * BATCH + 1
    left_behind(house, client, *(f"p{number}" for number in range(many)))
    steps, counts = hand_over(house.units, tenant, CAUSE, removed), []
    for expected in (BATCH, BATCH, 1):
        with counting(house) as count:
            assert next(steps) == expected
        counts.append(int(count))
    assert max(counts) <= 9, counts
    assert list(steps) == []
    assert connections_seen.managed(house.units, tenant, "entra").people == many
    linked = [entry for entry in house.trail(tenant) if entry.action == "user.linked"]
    assert len({entry.object_id for entry in linked}) == many
    assert stocktaking.compare(house.units, tenant) == []
