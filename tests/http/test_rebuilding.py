"""A whole store rebuilt from the audit trail of its tenant, table by table and column by column."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from scim_server.domain.invitations import Offer
from scim_server.domain.oauth_clients import ClientMethod
from scim_server.domain.particulars import Edit, Newcomer
from scim_server.domain.receipts import Part
from scim_server.domain.seats import Policy
from scim_server.domain.streams import Delivery, Form, Status
from scim_server.domain.tenants import SCIM_READ, Tenant
from scim_server.services import (
    accepting,
    answering,
    api_tokens,
    auditing,
    authorising,
    client_secrets,
    connecting,
    disconnecting,
    editing,
    federating,
    hooking,
    inviting,
    joining,
    leaving,
    linking,
    person_tokens,
    receipt_lists,
    receipting,
    redelivering,
    registering,
    rotating,
    ruling,
    stocktaking,
    stream_changes,
    streaming,
    templating,
    tenancy,
    tokens,
    trusting,
    verifying,
    wording,
)
from scim_server.services.disconnecting import Fate
from scim_server.services.hooking import Wishes
from scim_server.services.relaying import relay
from scim_server.services.stream_changes import StreamWishes
from scim_server.services.streaming import NewStream
from scim_server.store.exemptions import EXEMPT, EXEMPT_SESSIONS
from scim_server.store.tables import metadata
from tests import databases
from tests.domains import Published
from tests.http.conftest import SCHEMAS
from tests.http.test_custom_schemas import DEVICE
from tests.rebuilds import check_rebuilt, covered, replayed, rows_of
from tests.schedules import load, session
from tests.transfers import take_over, transfer
from tests.worlds import CAUSE, Connection, World

DAY = timedelta(days=1)
DOCUMENT = Path(__file__).parents[2] / "docs" / "audit.md"
LINKS = "https://seats.example.com"


def edit(world: World, tenant: Tenant, name: str, **products: list[str]) -> None:
    editing.edit_person(world.units, tenant, CAUSE, name, Edit(), **products)


def invite(world: World, tenant: Tenant, address: str, offer: Offer) -> inviting.Sent:
    return inviting.send(world.units, tenant, CAUSE, address, offer, None, public_url=LINKS, by_mail=False)


def remove(client: Connection, group: str, member: str) -> None:
    change = {"op": "remove", "path": f'members[value eq "{member}"]'}
    assert client.patch(f"/Groups/{group}", change).status_code == 204


def set_up_terms(world: World, acme: Tenant) -> None:
    """What the tenant decides: settings, switches, what it bought, roles, templates, texts."""
    world.decide("acme", guard_seats="0", guard_percent="0", invitation_days="30", receipts="yes", receipt_hours="2")
    world.switch("acme", "external_id_unique", "on")
    world.buy(acme, "webinar", 1, "downgrade")
    world.buy(acme, "meeting", 9, "overage", 2)
    authorising.create_role(world.units, acme, CAUSE, "desk", "Help desk", "Answers the phone", ["people.read"])
    terms = trusting.Terms("https://idp.example.com", "seats", "okta", {"org": "acme"}, "https://idp.example.com/keys")
    registering.register_client(
        world.units, acme, CAUSE, "federated", connection="okta", scopes=["scim"], method=ClientMethod.FEDERATION
    )
    trusting.trust_issuer(world.units, acme, CAUSE, "okta", "idp", terms, "federated")
    trusting.trust_issuer(world.units, acme, CAUSE, "okta", "gone", terms)
    trusting.distrust_issuer(world.units, acme, CAUSE, "gone")
    templating.set_template(world.units, acme, CAUSE, "meeting", "large", {"rooms": "10"})
    templating.set_template(world.units, acme, CAUSE, "meeting", "gone", {"rooms": "1"})
    templating.delete_template(world.units, acme, CAUSE, "meeting", "gone")
    wording.set_wording(world.units, acme, CAUSE, "welcome", "en", "Hello", "Here you are.")


def set_up_people(world: World, acme: Tenant, okta: Connection) -> dict[str, str]:
    """People with products by every source, groups in groups, rules for both kinds of audience."""
    ids = {
        name: okta.create_user(name, displayName=name.title(), title="Pilot", **attributes)["id"]
        for name, attributes in {
            "ana": {"entitlements": ["webinar"], "externalId": "e-1", "emails": [{"value": "ana@x.test"}]},
            "ben": {"entitlements": ["webinar", "meeting"], "emails": [{"value": "ana@x.test", "type": "work"}]},
            "cid": {"roles": [{"value": "manager"}]},
            "dee": {"active": False, "entitlements": ["meeting"]},
            "eve": {"nickName": "E"},
            "kay": {},
            "lou": {},
        }.items()
    }
    sales = okta.create_group("Sales", *(ids[name] for name in ("cid", "eve", "kay", "lou")), externalId="g-1")["id"]
    staff = okta.create_group("Staff", sales)["id"]
    ids |= {"sales": sales, "staff": staff}
    parts: dict[str, Any] = {"group": "Staff", "products": ["meeting"], "templates": {"meeting": "large"}}
    parts |= {
        "role": "manager",
        "role_groups": ["Sales"],
        "language": "pt-BR",
        "policy": Policy.WAIT,
        "mail": "welcome",
    }
    ruling.create_rule(world.units, acme, CAUSE, {**parts, "all_or_nothing": True})
    ruling.create_rule(world.units, acme, CAUSE, {"condition": 'title eq "Pilot"', "products": ["room"]})
    world.rule(acme, "Later", "training")
    world.rule(acme, "Never", "room")
    return ids


def let_happen(world: World, acme: Tenant, okta: Connection, ids: dict[str, str]) -> None:
    """Changes of every kind."""
    later = okta.create_group("Later", ids["ana"])["id"]
    okta.patch(f"/Groups/{later}", {"op": "replace", "path": "displayName", "value": "Trainers"})
    okta.delete(f"/Groups/{okta.create_group('Never', ids['cid'])['id']}")
    edit(world, acme, "eve", added=["training"])
    edit(world, acme, "cid", removed=["meeting"])
    transfer(world, acme, "ana", "eve", "webinar")
    authorising.grant_role(world.units, acme, CAUSE, "eve", "manager", ["Sales"])
    authorising.grant_role(world.units, acme, CAUSE, "eve", "desk")
    editing.suspend_person(world.units, acme, CAUSE, "ben")
    editing.reactivate_person(world.units, acme, CAUSE, "ben")
    editing.suspend_person(world.units, acme, CAUSE, "cid")
    disguised = f"{ids['dee'].replace('-', '')}dee"
    okta.patch(f"/Users/{ids['dee']}", {"op": "replace", "path": "userName", "value": disguised})
    rules = [rule.id for rule in reversed(ruling.rules(world.units, acme))]
    ruling.reorder_rules(world.units, acme, CAUSE, rules)
    load(
        world,
        acme,
        session("m1", "ana", coOrganisers=["eve"]),
        session("m2", "ben", ends="2100-01-31T10:00:00Z"),
        session("r1", "ana", "recording"),
    )
    load(world, acme, session("m3", "eve", coOrganisers=["ana"]))
    person_tokens.issue_token(world.units, acme, CAUSE, "ana", DAY)
    token, _ = person_tokens.issue_token(world.units, acme, CAUSE, "eve", DAY)
    tokens.revoke_token(world.units, CAUSE, token.id)
    token, _ = api_tokens.issue_token(world.units, acme, CAUSE, "reports", ["reports.read"], DAY)
    tokens.revoke_token(world.units, CAUSE, token.id)
    let_programs_in(world, acme)
    revoked, _ = tenancy.issue_token(world.units, acme, CAUSE, "okta", DAY, [SCIM_READ])
    tokens.revoke_token(world.units, CAUSE, revoked.id)
    rotating.rotate_token(world.units, acme, CAUSE, "okta", DAY, DAY, "")
    networks = ["127.0.0.0/8", "::1"]
    connecting.edit_connection(world.units, acme, CAUSE, "okta", creator_only=True, networks=networks)
    linking.link_user(world.units, acme, CAUSE, "ana", "okta")


def let_programs_in(world: World, acme: Tenant) -> None:
    """OAuth clients, with keys and with secrets, live and revoked."""
    key = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "kid": "1"}
    registering.register_client(
        world.units, acme, CAUSE, "signs", connection="okta", scopes=["scim"],
        method=ClientMethod.PRIVATE_KEY_JWT, jwks={"keys": [key]}, dpop=True, certificate_bound=True,
        pkce=False,
    )  # fmt: skip
    registering.register_client(
        world.units, acme, CAUSE, "publishes", scopes=["people.read"], method=ClientMethod.PRIVATE_KEY_JWT,
        jwks_uri="https://idp.example.com/jwks", redirect_uris=["https://idp.example.com/back"],
    )  # fmt: skip
    registering.register_client(world.units, acme, CAUSE, "proves", connection="okta", scopes=["scim"])
    secret = client_secrets.issue_secret(world.units, acme, CAUSE, "proves", DAY).secret
    client_secrets.issue_secret(world.units, acme, CAUSE, "proves", DAY)
    client_secrets.revoke_secret(world.units, acme, CAUSE, "proves", secret.id)
    registering.revoke_client(world.units, acme, CAUSE, "proves")
    registering.register_client(
        world.units, acme, CAUSE, "works", connection="okta", scopes=["scim"], method=ClientMethod.FEDERATION
    )
    terms = trusting.Terms("https://idp.example.com", "api://seats", "workload")
    trusting.trust_issuer(world.units, acme, CAUSE, "okta", "workload", terms, "works")


def let_people_go(world: World, acme: Tenant, okta: Connection, ids: dict[str, str]) -> None:
    """Leavers: continued by a newcomer, restored, taken over; the second with an address inherits it."""
    okta.delete(f"/Users/{ids['ana']}")
    okta.create_user("ana.new", externalId="e-1")
    gone = okta.create_user("fay", entitlements=["meeting"])["id"]
    edit(world, acme, "fay", added=["meeting"])
    okta.delete(f"/Users/{gone}")
    leaving.restore_person(world.units, acme, CAUSE, "fay")
    okta.delete(f"/Users/{okta.create_user('gil')['id']}")
    edit(world, acme, "eve", removed=["room"])
    take_over(world, acme, "fay", "hal@x.test")
    for name in ("eve", "lou"):
        remove(okta, ids["sales"], ids[name])


def let_outsiders_in(world: World, acme: Tenant) -> None:
    """Invitations in every state, and somebody whose address is in use elsewhere."""
    other = world.connect(world.tenant("other"))
    for name in ("ira", "jon", "kim"):
        other.create_user(f"{name}@x.test", displayName=name)
    load(world, tenancy.tenant(world.units, "other"), session("m1", "ira@x.test"))
    accepting.accept(world.units, CAUSE, invite(world, acme, "ira@x.test", Offer(("meeting",))).link)
    answering.decline(world.units, CAUSE, invite(world, acme, "jon@x.test", Offer()).link)
    invite(world, acme, "kim@x.test", Offer(("room",), "desk", "Kim", "Lee"))
    for first in ("Jo", "Jon"):
        joining.add_person(world.units, acme, CAUSE, Newcomer("jon@x.test", first, "Roe", ("meeting",), "desk"))


def watch_leavers(world: World, acme: Tenant, okta: Connection) -> None:
    """Of those who left, the application has acknowledged a part of one, all of another; one has just left."""
    first, second, *_ = receipt_lists.receipts(world.units, acme, is_open=True)
    receipting.acknowledge(world.units, acme, CAUSE, first.receipt.id, [Part.KEYS])
    receipting.acknowledge(world.units, acme, CAUSE, second.receipt.id, [*Part])
    for _ in range(2):
        world.advance(3 * 3600)
        world.do_chore("watch-receipts")
    okta.delete(f"/Users/{okta.create_user('mo')['id']}")


def add_domains(world: World, acme: Tenant) -> None:
    """One that is verified, one that is not, one that is gone."""
    for name in ("acme.test", "acme.example", "gone.example"):
        verifying.add_domain(world.units, acme, CAUSE, name)
    for _ in range(2):
        verifying.verify_domain(world.units, acme, CAUSE, "acme.test", Published())
    verifying.remove_domain(world.units, acme, CAUSE, "gone.example")


def add_webhooks(world: World, acme: Tenant) -> None:
    """One with all there is of it, one that is gone."""
    hooking.create_webhook(
        world.units, world.installation.web, acme, CAUSE, "app", "https://app.example.com/in", ("seat.*",)
    )
    hooking.rotate_secret(world.units, acme, CAUSE, "app")
    relay(world.units)
    redelivering.replay_range(world.units, acme, CAUSE, "app", 1, 2)
    hooking.change_webhook(
        world.units, world.installation.web, acme, CAUSE, "app", Wishes(name="application", on=False)
    )
    hooking.create_webhook(world.units, world.installation.web, acme, CAUSE, "gone", "https://app.example.com/gone")
    hooking.remove_webhook(world.units, acme, CAUSE, "gone")


def add_streams(world: World, acme: Tenant) -> None:
    """One with all there is of it, one that is gone."""
    web = world.installation.web
    new = NewStream(
        "hr",
        Delivery.PUSH,
        "https://hr.example.com/in",
        "Bearer theirs",
        form=Form.FULL,
        filter='userType eq "Employee"',
        description="Who comes and goes.",
    )
    streaming.create_stream(world.units, web, acme, CAUSE, new)
    wishes = StreamWishes(name="people", status=Status.PAUSED, reason="Holidays.")
    stream_changes.change_stream(world.units, web, acme, CAUSE, "hr", wishes)
    streaming.create_stream(world.units, web, acme, CAUSE, NewStream("gone", Delivery.POLL))
    streaming.remove_stream(world.units, acme, CAUSE, "gone")


def change_identity_providers(world: World, acme: Tenant) -> None:
    """One that is gone, whose people, groups and the rest another has; one whose people nobody has."""
    leaving_one, left = world.connect(acme, "old"), world.connect(acme, "older")
    someone = leaving_one.create_user("nia")["id"]
    leaving_one.create_group("Old", someone)
    leaving_one.post("/Devices", {"schemas": [DEVICE], "displayName": "Gate", "active": True})
    leaving_one.delete(f"/Users/{leaving_one.create_user('oli')['id']}")
    left.create_group("Older", left.create_user("pia")["id"])
    disconnecting.remove_connection(world.units, acme, CAUSE, "old", Fate(to="okta"))
    disconnecting.remove_connection(world.units, acme, CAUSE, "older", Fate(release=True))


@pytest.fixture
def world(build_world: Callable[..., World]) -> World:
    """A world with further schemas."""
    built = build_world(schemas_dir=SCHEMAS)
    built.sell("meeting", "webinar:meeting", "training:meeting")
    return built


@pytest.fixture
def full(world: World, acme: Tenant, okta: Connection) -> World:
    """A world in which every column that the trail rebuilds holds something."""
    world.sell("room")
    world.buy(acme, "room", 30)
    device = {"schemas": [DEVICE], "displayName": "Door", "active": True, "externalId": "d-1"}
    assert okta.post("/Devices", device).status_code == 201
    set_up_terms(world, acme)
    acme = tenancy.tenant(world.units, "acme")
    ids = set_up_people(world, acme, okta)
    let_happen(world, acme, okta, ids)
    let_people_go(world, acme, okta, ids)
    let_outsiders_in(world, acme)
    watch_leavers(world, acme, okta)
    add_domains(world, acme)
    federating.set_provider(world.units, acme, CAUSE, "https://idp.example.com", "console", "secret")
    add_webhooks(world, acme)
    add_streams(world, acme)
    change_identity_providers(world, acme)
    return world


def test_a_store_is_rebuilt_row_by_row(full: World, acme: Tenant, sqlite_databases: databases.Fresh) -> None:
    """The trails of a full world say all that is stored; sealed or not, their order is the same."""
    for tenant in tenancy.tenants(full.units):
        assert stocktaking.compare(full.units, tenant) == []
    auditing.seal(full.units, acme, full.installation.sealer.key())
    full.buy(acme, "room", 40)
    check_rebuilt(full, acme, sqlite_databases())


def test_nothing_is_forgotten_unseen(full: World, acme: Tenant) -> None:
    """Every column that the trail rebuilds holds something here, and the page has every fact of every object."""
    empty = [
        f"{table.name}.{name}"
        for table in metadata.sorted_tables
        for name in covered(table)
        if not any(row[name] not in (None, "", [], {}) for row in rows_of(full, acme, table))
    ]
    assert not empty, "; ".join(empty)
    found: dict[str, set[str]] = {}
    for (kind, _), facts in replayed(full, acme).items():
        found.setdefault(kind, set()).update(facts)
    rows = re.findall(r"^\| `(\w+)` \| [^|`]+ \| ([^|]+) \|$", DOCUMENT.read_text(), re.MULTILINE)
    told = {kind: set(re.findall(r"`(\w+)`", facts)) for kind, facts in rows}
    found["resource"] = {"meta"}
    assert told == found


def test_the_page_names_what_the_trail_does_not_hold() -> None:
    text = DOCUMENT.read_text()
    assert [name for name, reason in EXEMPT.items() if f"`{name}`" not in text or f"| {reason} |" not in text] == []
    assert f"| {EXEMPT_SESSIONS} |" in text
    known = {table.name for table in metadata.sorted_tables}
    columns = {f"{table.name}.{column.name}" for table in metadata.sorted_tables for column in table.columns}
    assert EXEMPT.keys() <= known | columns
