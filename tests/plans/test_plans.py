"""How each common request is answered of 100,000 people: by indexes, whatever else is in the database.

Nothing is assumed of the statements: they are those that the server sends, explained by the database that runs them.
"""

import re
from collections.abc import Iterator

import pytest

from tests import databases
from tests.api import callers
from tests.api.callers import Caller
from tests.plans.directories import OTHERS, Directory, fill, look_around
from tests.plans.explanations import Explained, explaining, let_explain
from tests.plans.requests import ANA, LISTS, REQUESTS, Request
from tests.worlds import Connection, build

LARGE = frozenset({"users", "user_emails", "addresses", "members"})


@pytest.fixture(scope="module")
def postgresql(postgresql_databases: databases.Fresh) -> Iterator[tuple[Directory, Caller]]:
    url = postgresql_databases()
    let_explain(url)
    world = build(url)
    directory = fill(world)
    look_around(url)
    yield directory, callers.caller(world, directory.tenant)
    world.installation.database.dispose()
    databases.drop(url)


@pytest.fixture(scope="module")
def few(postgresql_databases: databases.Fresh) -> Iterator[tuple[Directory, Caller]]:
    """1,000 people, of whom most are in the large group: of such tables PostgreSQL likes to read all there is."""
    url = postgresql_databases()
    let_explain(url)
    world = build(url)
    directory = fill(world, OTHERS)
    look_around(url)
    yield directory, callers.caller(world, directory.tenant)
    world.installation.database.dispose()
    databases.drop(url)


@pytest.fixture(scope="module")
def sqlite(sqlite_databases: databases.Fresh) -> Iterator[tuple[Directory, Caller]]:
    """SQLite, which is told nothing of how many rows there are, plans alike for few and for many."""
    url = sqlite_databases()
    world = build(url)
    directory = fill(world, OTHERS)
    yield directory, callers.caller(world, directory.tenant)
    world.installation.database.dispose()
    databases.drop(url)


def explained(request: Request, directory: Directory, api: Caller) -> list[Explained]:
    """The statements of the last time the request was made."""
    with explaining(directory.world) as told:
        for _ in range(request.times):
            told.clear()
            answer = request.ask(directory, api)
            assert answer.status_code < 300, answer.text
    assert told
    return told


@pytest.mark.parametrize("name", REQUESTS)
def test_no_request_reads_what_it_does_not_need(postgresql: tuple[Directory, Caller], name: str) -> None:
    told = explained(REQUESTS[name], *postgresql)
    assert [each.statement for each in told if each.whole(LARGE)] == []
    read = {each.statement: each.rows_read(LARGE) for each in told}
    assert max(read.values()) <= REQUESTS[name].most, read


@pytest.mark.parametrize(("name", "most"), [("user", 10), ("userName eq", 10), ("first page", 500), ("suspend", 50)])
def test_of_a_small_directory_no_membership_is_read_in_vain(
    few: tuple[Directory, Caller], name: str, most: int
) -> None:
    """Groups in groups are looked for among the memberships of groups, of which there is one, not among all."""
    read = {each.statement: each.rows_read(frozenset({"members"})) for each in explained(REQUESTS[name], *few)}
    assert max(read.values()) <= most, read


@pytest.mark.parametrize("name", [name for name, request in REQUESTS.items() if not request.walks])
def test_sqlite_looks_everything_up(sqlite: tuple[Directory, Caller], name: str) -> None:
    """By an index, and past its first column, the tenant, unless the index gives the order of a list."""
    told = explained(REQUESTS[name], *sqlite)
    tables = "|".join(LARGE)
    walk = rf"SEARCH ({tables}) (?!.*ix_members_nested).*\(tenant_id=\?\)$"
    wanting = rf"SCAN ({tables})\b" if name in LISTS else rf"SCAN ({tables})\b|{walk}"
    assert [line for each in told for line in each.lines if re.match(wanting, line)] == []


def check_given_up(directory: Directory) -> None:
    """A search that takes too long is given up, and the connection serves on."""
    world = build(directory.world.installation.settings.database_url, search_seconds=0)
    client = Connection(world.app.test_client(), directory.client.slug, directory.client.token, directory.client.name)
    for path in ('/Users?filter=title co "nobody"', "/Users?sortBy=title&attributes=id"):
        refused = client.get(path)
        assert (refused.status_code, refused.json["scimType"]) == (400, "tooMany"), refused.text
        assert "took longer than 0 seconds" in refused.json["detail"]
        assert client.get(f"/Users/{ANA}").status_code == 200
    world.installation.database.dispose()


def test_a_search_has_its_time_on_postgresql(postgresql: tuple[Directory, Caller]) -> None:
    check_given_up(postgresql[0])


def test_a_search_has_its_time_on_sqlite(sqlite: tuple[Directory, Caller]) -> None:
    check_given_up(sqlite[0])
