"""Where inputs are tried: two tenants with something of everything, and whatever opens the first of them.

It is laid out once; each piece of a run gets a copy, so that what a piece finds depends on nothing but its seed.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from scim_server.protocol.registry import Registry
from scim_server.services import person_tokens
from tests import databases
from tests.api import callers
from tests.api.seeds import Seeds, seed, seed_tenant
from tests.http.conftest import SCHEMAS
from tests.http.tenant_probes import plant
from tests.programs import program
from tests.walls.secrets import MARK, Secrets
from tests.worlds import CAUSE, Connection, World, build


@dataclass(frozen=True)
class Ground:
    """`base` is the SCIM base address of the tenant whose credentials these are. `names` are what requests name:
    `seeds` of the admin API, and `resources` of SCIM by type. `client` are id and secret of an OAuth client, and
    `signed` is a token of its. `secrets` are the other tenant's.
    """

    url: str
    base: str
    slug: str
    scim: str
    person: str
    api: str
    operator: str
    client: tuple[str, str]
    signed: str
    registry: Registry
    seeds: Seeds
    resources: Mapping[str, Mapping[str, Any]]
    cursors: Sequence[str]
    secrets: Secrets
    abroad: "Ground | None" = None
    """The same with the other tenant's names and the first one's credentials."""


def open_world(url: str) -> World:
    """The application over a copy of a ground."""
    return build(url, schemas_dir=SCHEMAS, max_body_bytes=200_000, import_max_bytes=200_000)


@contextmanager
def laid_out(kind: str) -> Iterator[Ground]:
    """A ground over a database of that kind."""
    with _databases(kind) as fresh:
        yield lay_out(fresh())


def lay_out(url: str) -> Ground:
    """A ground over a fresh database, which nobody is connected to afterwards."""
    world = open_world(url)
    try:
        return _lay_out(world, url)
    finally:
        world.installation.database.dispose()


@contextmanager
def copied(ground: Ground) -> Iterator[World]:
    """A world over a copy of the ground, gone afterwards."""
    url = databases.copy(ground.url)
    world = open_world(url)
    try:
        yield world
    finally:
        world.installation.database.dispose()
        databases.drop(url)


def _lay_out(world: World, url: str) -> Ground:
    own, others = seed(world), seed_tenant(world, f"{MARK}globex", MARK)
    registry = world.installation.registries.of("acme")
    here, there = world.connect(own.tenant, "fuzz"), world.connect(others.tenant, f"{MARK}fuzz")
    mine, theirs = plant(here, registry, "mine"), plant(there, registry, MARK)
    _, person = person_tokens.issue_token(world.units, own.tenant, CAUSE, "ana@x.test", timedelta(days=400))
    client = program(world, here)
    world.installation.sealer.flush()
    world.app.test_client().get("/console")  # the first page makes the secret of all sessions
    ground = Ground(
        url,
        f"/scim/{own.tenant.slug}/v2",
        own.tenant.slug,
        here.token,
        person,
        callers.caller(world, own.tenant).token,
        callers.operator(world).token,
        (client.client_id, str(client.secret)),
        client.token(),
        registry,
        own,
        mine,
        _cursors(here),
        Secrets.of(world, others.tenant),
    )
    return replace(ground, abroad=replace(ground, seeds=others, resources=theirs, cursors=_cursors(there)))


def _cursors(client: Connection) -> list[str]:
    pages = [client.get(f"/{endpoint}?cursor&count=1").json for endpoint in ("Users", "Groups")]
    return [page["nextCursor"] for page in pages]


@contextmanager
def _databases(kind: str) -> Iterator[databases.Fresh]:
    if kind == "postgresql":
        with databases.postgresql_databases() as fresh:
            yield fresh
    else:
        with databases.scratch_folder() as folder:
            yield databases.sqlite_databases(folder)
