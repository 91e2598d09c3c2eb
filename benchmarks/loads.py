"""Loading a directory: a few people and all groups by requests to the server, the many by its own pattern (`patterns`).

Ends with people whom the server creates, so that the chain of the audit trail is signed behind the copies, and, up to
MOST_CHECKED people, with the server's own checks of ledger and trail.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import orjson

from benchmarks.patterns import Pattern, contents, pattern
from benchmarks.people import KIND, person
from benchmarks.sinks import Sink, sink
from scim_server.domain.instants import instant
from scim_server.domain.tenants import Tenant
from scim_server.services import auditing, ruling
from scim_server.services.audit_entries import Chain, SealedEntry
from tests.worlds import CAUSE, Connection, World, build

SEATS = 10_000_000
BATCH = 2_000
MOST_CHECKED = 20_000
MOST_LISTED = 20_000
PRODUCT = "webinar"
GROUPS = 100
CROWD = 5_000
FEW = 20
"""Members of each group but the one with a crowd."""
_MADE = 3
"""People whom the server creates before the copies: one to warm up, two whose patterns must be the same."""
_ENTRY = (
    "id",
    "at",
    "actor",
    "request_id",
    "cause",
    "object_type",
    "object_id",
    "action",
    "person",
    "before",
    "after",
    "seats",
)
_DOCUMENTS = frozenset({"before", "after", "seats"})


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the directory."""

    id: str
    user_name: str


@dataclass(frozen=True, slots=True)
class Directory:
    """What was loaded. `people` are those that the benchmarks know by name: everybody, or MOST_LISTED evenly spread,
    in the order of their ids. `crowd` is the id of the large group; the first `members` of `people` are in it."""

    url: str
    slug: str
    token: str
    tenant_id: str
    people: tuple[Person, ...]
    crowd: str
    members: int
    size: int
    pattern: Pattern

    @property
    def base(self) -> str:
        """The path that every SCIM address begins with."""
        return f"/scim/{self.slug}/v2"


def load(url: str, size: int, *, crowd: int = CROWD, groups: int = GROUPS) -> Directory:
    """A directory of `size` people in an empty database. Raises Irregular where people do not leave one pattern."""
    world = build(url, public_url="http://127.0.0.1:8000")
    try:
        tenant, client = _furnish(world)
        made = _pattern(world, client, tenant)
        with sink(url) as rows:
            _copy(rows, made, range(_MADE, size - 1), _chain(world, tenant))
        client.post("/Users", person(size - 1))
        world.installation.sealer.flush()
        with sink(url) as rows:
            people = [Person(*each) for each in rows.listed(tenant.id, MOST_LISTED)]
        group = _group(client, people, crowd, groups)
        world.installation.log.flush()
        world.installation.sealer.flush()
        if size <= MOST_CHECKED:
            _check(world, tenant)
        with sink(url) as rows:
            rows.settle()
        return Directory(url, tenant.slug, client.token, tenant.id, tuple(people), group, crowd, size, made)
    finally:
        world.installation.database.dispose()


def rows_of(made: Pattern, numbers: range) -> Iterator[dict[str, list[dict[str, Any]]]]:
    """What the server would write for each of those people, by table."""
    for number in numbers:
        yield made.fill(number, instant(datetime.now(UTC)))


def _furnish(world: World) -> tuple[Tenant, Connection]:
    world.sell(PRODUCT)
    tenant = world.tenant()
    world.buy(tenant, PRODUCT, SEATS)
    ruling.create_rule(world.units, tenant, CAUSE, {"condition": f'userType eq "{KIND}"', "products": [PRODUCT]})
    return tenant, world.connect(tenant, idp="entra")


def _pattern(world: World, client: Connection, tenant: Tenant) -> Pattern:
    """The pattern of a creation; the world's looks at its tables are small yet."""
    found = []
    for number in range(_MADE):
        before = contents(world)
        answer = client.post("/Users", person(number))
        assert answer.status_code == 201, answer.text
        if number:
            found.append(pattern(before, contents(world), number, tenant.id))
    first, second = found
    first.check(second)
    world.installation.log.flush()
    world.installation.sealer.flush()
    return first


def _chain(world: World, tenant: Tenant) -> Chain:
    with world.units.read(tenant) as uow:
        chain: Chain = uow.trail.chain()
        return chain


def _copy(rows: Sink, made: Pattern, numbers: range, chain: Chain) -> None:
    """Put in the rows of those people, sealed behind the chain, and count them."""
    for first in range(numbers.start, numbers.stop, BATCH):
        batch: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        for filled in rows_of(made, range(first, min(first + BATCH, numbers.stop))):
            for row in filled["audit"]:
                chain = chain.sealed(_entry(row))
                row |= {"sequence": chain.sequence, "hash": chain.hash}
            for table, found in filled.items():
                batch[table] += [tuple(row.values()) for row in found]
        rows.put({table: made.columns[table] for table in batch}, batch)
    for counter in made.counters:
        rows.count(replace(counter, by=counter.by * len(numbers)))
    rows.move_chain(made.tenant_id, chain)


def _entry(row: dict[str, Any]) -> SealedEntry:
    """The entry that a row of the audit trail is."""
    return SealedEntry(
        **{
            name: orjson.loads(row[name]) if name in _DOCUMENTS and row[name] is not None else row[name]
            for name in _ENTRY
        }
    )


def _group(client: Connection, people: list[Person], crowd: int, groups: int) -> str:
    """Make the groups; answers the id of the large one."""
    made = client.create_group("Crowd", *(each.id for each in people[:crowd]))
    for number in range(1, groups):
        some = {people[(number * FEW + place) % len(people)].id for place in range(FEW)}
        client.create_group(f"Group {number}", *sorted(some))
    return str(made["id"])


def _check(world: World, tenant: Tenant) -> None:
    """Ledger and trail are as they would be had everybody come by a request."""
    world.check()
    found = auditing.check(world.units, tenant, world.installation.sealer.key())
    assert found.fault is None, found.fault
