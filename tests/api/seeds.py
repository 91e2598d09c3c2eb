"""A tenant with something of everything, and the real ids of it, for requests that are made by machine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO

from scim_server.domain.imports import Mode
from scim_server.domain.invitations import Offer
from scim_server.domain.particulars import Newcomer
from scim_server.domain.tenants import Tenant
from scim_server.services import api_tokens, authorising, importing, inviting, joining, person_tokens, templating
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
    tenant = world.tenant()
    okta = world.connect(tenant)
    world.connect(world.tenant("elsewhere"), "entra").create_user("flo@y.test")
    people, groups = _people(world, tenant, okta)
    places = {
        "tenant": [tenant.slug],
        "user": people,
        "group": groups,
        "connection": [okta.name, world.connect(tenant, "spare").name],
        "product": ["meeting", "webinar"],
        "name": ["welcome", "change", "crew"],
        "language": ["en", "de"],
        "role": ["admin", "auditor"],
        "session": ["s1", "s2", "s3"],
        "token": _tokens(world, tenant),
        "import": _imports(world, tenant),
        "scope": ["people.read", "tokens.write"],
        "entry": [row["id"] for row in world.rows("audit") if row["tenant_id"] == tenant.id][:SPARE],
        **_offers(world, tenant),
        "issue": [row["id"] for row in world.rows("issues")],
        "rule": [row["id"] for row in world.rows("rules")],
        "removal": [row["id"] for row in world.rows("seats") if row["state"] == "held"],
    }
    okta.get("/Users/none")
    world.installation.log.flush()
    return Seeds(tenant, {**places, "request": [row["id"] for row in world.rows("provisioning_log")][-SPARE:]})


def _people(world: World, tenant: Tenant, okta: Connection) -> tuple[list[str], list[str]]:
    """Ids and a name of people and of groups: some hold seats, some wait, one is deleted; a rule lost its group."""
    world.buy(tenant, "meeting", PEOPLE)
    world.buy(tenant, "webinar", 1)
    world.rule(tenant, "Sales", "meeting")
    world.rule(tenant, "Gone", "webinar")
    okta.delete(f"/Groups/{okta.create_group('Gone')['id']}")
    ids = [okta.create_user(f"u{number}@x.test")["id"] for number in range(PEOPLE)]
    sales = okta.create_group("Sales", *ids)["id"]
    okta.patch(f"/Groups/{sales}", {"op": "replace", "path": "members", "value": [{"value": ids[0]}]})
    spare = [okta.create_group(f"Group {number}", *ids[:3])["id"] for number in range(SPARE)]
    for name in ("ana@x.test", "ben@x.test", "gone@x.test"):
        ids.append(okta.create_user(name, entitlements=["webinar"], roles=[{"value": "super_admin"}])["id"])
    okta.delete(f"/Users/{ids[-1]}")
    load(world, tenant, *(session(f"s{number}", "ana@x.test") for number in (1, 2, 3)))
    return [*ids[-SPARE:], "ana@x.test"], [sales, *spare, "Sales"]


def _imports(world: World, tenant: Tenant) -> list[str]:
    """Ids of imports that were read and wait: one row is right, one is not."""
    file = b"email,first_name,last_name\nhal@x.test,Hal,Right\nnobody,,\n"
    read = [
        importing.read(
            world.units, tenant, CAUSE, importing.Source(BytesIO(file), "new.csv", len(file)), Mode.BEST_EFFORT
        )
        for _ in range(3)
    ]
    return [job.id for job in read]


def _tokens(world: World, tenant: Tenant) -> list[str]:
    """Ids of tokens of each kind."""
    spare = [api_tokens.issue_token(world.units, tenant, CAUSE, "spare", ["people.read"], DAY)[0] for _ in range(SPARE)]
    ours, _ = api_tokens.issue_operators_token(world.units, "spare", ["people.read"], DAY)
    hers, _ = person_tokens.issue_token(world.units, tenant, CAUSE, "ana@x.test", DAY)
    return [ours.id, hers.id, *(token.id for token in spare)]


def _offers(world: World, tenant: Tenant) -> dict[str, list[str]]:
    """Somebody outside is invited, another add waits for their address; a role and a template of the tenant's own."""
    authorising.create_role(world.units, tenant, CAUSE, "auditor", "Auditor", "", ["people.read"])
    templating.set_template(world.units, tenant, CAUSE, "webinar", "crew", {"backstage": "yes"})
    joining.add_person(world.units, tenant, CAUSE, Newcomer("flo@y.test", "Flo", "Late"))
    offer = Offer(("meeting",))
    inviting.send(
        world.units, tenant, CAUSE, "flo@y.test", offer, None, public_url="https://seats.example.com", by_mail=False
    )
    return {
        "invitation": [row["id"] for row in world.rows("invitations")],
        "add": [row["id"] for row in world.rows("pending_adds")],
    }
