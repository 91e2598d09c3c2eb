"""A tenant with something of everything, and the real ids of it, for requests that are made by machine.

Two of them differ in everything that they hold: `mark` is in each name, address and text of a tenant seeded with one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO

from scim_server.domain.imports import Mode
from scim_server.domain.invitations import Offer
from scim_server.domain.particulars import Newcomer
from scim_server.domain.streams import Delivery
from scim_server.domain.tenants import Tenant
from scim_server.services import (
    api_tokens,
    authorising,
    client_secrets,
    hooking,
    importing,
    inviting,
    joining,
    person_tokens,
    registering,
    streaming,
    templating,
    trusting,
    verifying,
)
from scim_server.services.streaming import NewStream
from tests.schedules import load, session
from tests.worlds import CAUSE, Connection, World

DAY = timedelta(days=1)
PEOPLE = 14
"""Enough for a group that loses them all at once to leave some of their seats held."""
SPARE = 6


@dataclass(frozen=True)
class Seeds:
    """The tenant, and what each place of an address may hold: ids, names and codes of what is there."""

    tenant: Tenant
    places: Mapping[str, Sequence[str]]


def seed(world: World) -> Seeds:
    """Fill an empty world."""
    world.sell("meeting", "webinar:meeting", "training:meeting")
    return seed_tenant(world)


def seed_tenant(world: World, slug: str = "acme", mark: str = "") -> Seeds:
    """One more tenant, in a world that sells what it needs."""
    world.tenant(slug)
    tenant = world.decide(slug, receipts="yes", async_requests="request")
    okta = world.connect(tenant, f"{mark}okta")
    world.connect(world.tenant(f"{mark}elsewhere"), "entra").create_user(f"{mark}flo@y.test")
    people, groups = _people(world, tenant, okta, mark)
    places = {
        "tenant": [tenant.slug],
        "user": people,
        "group": groups,
        "domain": [_domain(world, tenant, f"{mark}{name}.test") for name in ("spare", "own")],
        "connection": [okta.name, world.connect(tenant, f"{mark}spare").name],
        "product": ["meeting", "webinar"],
        "name": ["welcome", "change", f"{mark}crew"],
        "language": ["en", "de"],
        "role": ["admin", f"{mark}auditor"],
        "session": [f"{mark}s1", f"{mark}s2", f"{mark}s3"],
        "token": _tokens(world, tenant, mark),
        **_clients(world, tenant, okta, mark),
        "webhook": [_webhook(world, tenant, f"{mark}hook {number}") for number in range(SPARE)],
        "stream": [_stream(world, tenant, f"{mark}stream {number}") for number in range(SPARE)],
        "issuer": [_issuer(world, tenant, okta, f"{mark}idp {number}") for number in range(SPARE)],
        "import": _imports(world, tenant, mark),
        "scope": ["people.read", "tokens.write"],
        "entry": ids_of(world, "audit", tenant)[:SPARE],
        **_offers(world, tenant, mark),
        "issue": ids_of(world, "issues", tenant),
        "rule": ids_of(world, "rules", tenant),
        "async_request": [],
        "receipt": ids_of(world, "receipts", tenant),
        "removal": ids_of(world, "seats", tenant, state="held"),
    }
    okta.post("/Users", {"userName": f"{mark}later@x.test"}, Prefer="respond-async")
    okta.get("/Users/none")
    world.installation.log.flush()
    places["async_request"] = ids_of(world, "async_requests", tenant)
    return Seeds(tenant, {**places, "request": ids_of(world, "provisioning_log", tenant)[-SPARE:]})


def ids_of(world: World, table: str, tenant: Tenant, **conditions: str) -> list[str]:
    """The ids of the tenant's rows in a table that meet the conditions."""
    wanted = {"tenant_id": tenant.id, **conditions}
    return [row["id"] for row in world.rows(table) if all(row[name] == value for name, value in wanted.items())]


def _people(world: World, tenant: Tenant, okta: Connection, mark: str) -> tuple[list[str], list[str]]:
    """Ids and a name of people and of groups: some hold seats, some wait, one is deleted; a rule lost its group."""
    world.buy(tenant, "meeting", PEOPLE)
    world.buy(tenant, "webinar", 1)
    world.rule(tenant, f"{mark}Sales", "meeting")
    world.rule(tenant, f"{mark}Gone", "webinar")
    okta.delete(f"/Groups/{okta.create_group(f'{mark}Gone')['id']}")
    ids = [okta.create_user(f"{mark}u{number}@x.test")["id"] for number in range(PEOPLE)]
    sales = okta.create_group(f"{mark}Sales", *ids)["id"]
    okta.patch(f"/Groups/{sales}", {"op": "replace", "path": "members", "value": [{"value": ids[0]}]})
    spare = [okta.create_group(f"{mark}Group {number}", *ids[:3])["id"] for number in range(SPARE)]
    for name in ("ana@x.test", "ben@x.test", "gone@x.test"):
        new = okta.create_user(mark + name, entitlements=["webinar"], roles=[{"value": "super_admin"}])
        ids.append(new["id"])
    okta.delete(f"/Users/{ids[-1]}")
    load(world, tenant, *(session(f"{mark}s{number}", f"{mark}ana@x.test") for number in (1, 2, 3)))
    return [*ids[-SPARE:], f"{mark}ana@x.test"], [sales, *spare, f"{mark}Sales"]


def _domain(world: World, tenant: Tenant, name: str) -> str:
    """The name of a domain that waits for its proof."""
    return verifying.add_domain(world.units, tenant, CAUSE, name).name


def _imports(world: World, tenant: Tenant, mark: str) -> list[str]:
    """Ids of imports that were read and wait: one row is right, one is not."""
    file = f"email,first_name,last_name\n{mark}hal@x.test,{mark}Hal,Right\n{mark}nobody,,\n".encode()
    name = f"{mark}new.csv"
    read = [
        importing.read(world.units, tenant, CAUSE, importing.Source(BytesIO(file), name, len(file)), Mode.BEST_EFFORT)
        for _ in range(3)
    ]
    return [job.id for job in read]


def _tokens(world: World, tenant: Tenant, mark: str) -> list[str]:
    """Ids of tokens of each kind."""
    units, name, scopes = world.units, f"{mark}spare", ["people.read"]
    spare = [api_tokens.issue_token(units, tenant, CAUSE, name, scopes, DAY)[0] for _ in range(SPARE)]
    ours, _ = api_tokens.issue_operators_token(units, name, scopes, DAY)
    hers, _ = person_tokens.issue_token(units, tenant, CAUSE, f"{mark}ana@x.test", DAY)
    return [ours.id, hers.id, *(token.id for token in spare)]


def _clients(world: World, tenant: Tenant, okta: Connection, mark: str) -> dict[str, list[str]]:
    """Ids of OAuth clients and of secrets of the first."""
    made = [
        registering.register_client(
            world.units, tenant, CAUSE, f"{mark}program {number}", connection=okta.name, scopes=["scim"]
        ).client.id
        for number in range(SPARE)
    ]
    secrets = [client_secrets.issue_secret(world.units, tenant, CAUSE, made[0], DAY).secret.id for _ in range(3)]
    return {"client": made, "secret": secrets}


def _webhook(world: World, tenant: Tenant, name: str) -> str:
    return hooking.create_webhook(world.units, world.installation.web, tenant, CAUSE, name, "https://app.invalid/in").id


def _stream(world: World, tenant: Tenant, name: str) -> str:
    """The name of a stream whose receiver fetches."""
    new = NewStream(name, Delivery.POLL)
    return streaming.create_stream(world.units, world.installation.web, tenant, CAUSE, new).id


def _issuer(world: World, tenant: Tenant, okta: Connection, name: str) -> str:
    """The id of an issuer that the connection trusts."""
    terms = trusting.Terms("https://idp.example.com", "seats", "me")
    return trusting.trust_issuer(world.units, tenant, CAUSE, okta.name, name, terms).issuer.id


def _offers(world: World, tenant: Tenant, mark: str) -> dict[str, list[str]]:
    """Somebody outside is invited, another add waits for their address; a role and a template of the tenant's own."""
    flo, offer = f"{mark}flo@y.test", Offer(("meeting",))
    authorising.create_role(world.units, tenant, CAUSE, f"{mark}auditor", f"{mark}Auditor", mark, ["people.read"])
    templating.set_template(world.units, tenant, CAUSE, "webinar", f"{mark}crew", {"backstage": f"{mark}yes"})
    joining.add_person(world.units, tenant, CAUSE, Newcomer(flo, f"{mark}Flo", "Late"))
    inviting.send(world.units, tenant, CAUSE, flo, offer, None, public_url="https://seats.example.com", by_mail=False)
    return {
        "invitation": ids_of(world, "invitations", tenant),
        "add": ids_of(world, "pending_adds", tenant),
    }
