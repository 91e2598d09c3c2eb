"""What the benchmarks load is what the server would have written."""

from collections.abc import Iterator

import pytest

from benchmarks.loads import PRODUCT, Directory, load
from benchmarks.patterns import Irregular, Pattern, contents, pattern
from benchmarks.people import person, user_name
from scim_server.domain.tenants import Tenant
from scim_server.services import tenancy
from tests import databases
from tests.rebuilds import check_rebuilt
from tests.worlds import Connection, World, build

PEOPLE, MEMBERS = 12, 4
COPY = 7
"""The number of somebody whom no request created."""


@pytest.fixture
def directory(database_url: str) -> Directory:
    return load(database_url, PEOPLE, crowd=MEMBERS, groups=2)


@pytest.fixture
def loaded(directory: Directory) -> Iterator[World]:
    world = build(directory.url)
    yield world
    world.installation.database.dispose()


def test_everybody_is_there_as_the_server_makes_people(directory: Directory, loaded: World) -> None:
    client = Connection(loaded.app.test_client(), directory.slug, directory.token, "okta")
    listed = client.get("/Users?count=100").json["Resources"]
    assert [each["userName"] for each in listed] == [user_name(number) for number in range(PEOPLE)]
    assert [each["id"] for each in listed] == [each.id for each in directory.people]
    assert person(COPY).items() <= listed[COPY].items()
    (found,) = client.find("/Users", f'userName eq "{user_name(COPY).upper()}"')
    assert found["id"] == listed[COPY]["id"]
    assert client.member_ids(directory.crowd) == {each.id for each in directory.people[:MEMBERS]}


def test_the_copies_are_in_ledger_and_outbox(directory: Directory, loaded: World) -> None:
    loaded.check()
    (tenant,) = tenancy.tenants(loaded.units)
    assert loaded.seats(tenant, PRODUCT)[:2] == (PEOPLE, 0)
    assert loaded.held_by(tenant, user_name(COPY)) == {PRODUCT: "assigned"}
    told = [row for row in loaded.rows("outbox") if row["subject"].startswith("user:")]
    assert len(told) == len(directory.pattern.rows["outbox"]) * PEOPLE


def test_the_trail_of_copies_rebuilds_the_store(loaded: World, sqlite_databases: databases.Fresh) -> None:
    (tenant,) = tenancy.tenants(loaded.units)
    check_rebuilt(loaded, tenant, sqlite_databases())


def test_people_who_leave_another_pattern_are_refused(world: World, acme: Tenant, okta: Connection) -> None:
    """Rows that hold something of one person alone would be copied wrongly."""

    def created(number: int, title: str) -> Pattern:
        before = contents(world)
        okta.post("/Users", {**person(number), "title": title})
        return pattern(before, contents(world), number, acme.id)

    created(0, "Engineer")
    first = created(1, "Engineer")
    first.check(created(2, "Engineer"))
    with pytest.raises(Irregular, match="Head of it"):
        first.check(created(3, "Head of it"))
