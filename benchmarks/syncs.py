"""The first sync: everybody is pushed one by one, each looked for and then created, as Entra and Okta do it."""

import json
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from benchmarks import measures
from benchmarks.clusters import Cluster, scratch
from benchmarks.drivers import Request, Target, Unmeasurable, drive
from benchmarks.loads import Directory, load
from benchmarks.operations import create, find
from benchmarks.people import KIND, digits, user_name
from benchmarks.rounds import Costs, Plan, caught_up, figure_of, target_of
from benchmarks.servers import scim_server
from benchmarks.tables import GOAL, Table, number
from tests import databases
from tests.worlds import USER

PEOPLE = 100_000
MOST_SECONDS = 240
"""What Entra's sync of PEOPLE may take."""
BEGUN_WITH = 10
"""People who are there before."""

Path = Callable[[str], str]


def entra(number: int, at: Path) -> Iterator[Request]:
    """Matched by userName, then created with all that is mapped, the enterprise extension included."""
    yield find(user_name(number), at)
    yield create(number, at)


def okta(number: int, at: Path) -> Iterator[Request]:
    """Likewise, with a page asked for and Okta's habits in the body."""
    wanted, written = quote(f'userName eq "{user_name(number)}"'), digits(number)
    yield Request("GET", at(f"/Users?filter={wanted}&startIndex=1&count=100"))
    document = {
        "schemas": [USER],
        "userName": user_name(number),
        "name": {"givenName": f"Ana{written}", "familyName": f"Lima{written}"},
        "emails": [{"primary": True, "value": user_name(number), "type": "work"}],
        "displayName": f"Ana{written} Lima{written}",
        "userType": KIND,
        "locale": "en-US",
        "externalId": f"00u{written}",
        "groups": [],
        "password": "Once-only-7c1e",
        "active": True,
    }
    yield Request("POST", at("/Users"), json.dumps(document))


PATTERNS = {"Entra": entra, "Okta": okta}


@dataclass(frozen=True, slots=True)
class Synced:
    """A sync: seconds for everybody, requests a second, microseconds of CPU a request in server and database, seconds
    until the trail was sealed as well, and the server's megabytes in the end."""

    seconds: float
    rate: float
    server_cpu: float
    database_cpu: float
    behind: float
    memory: float


def measure(cluster: Cluster, plan: Plan, people: int = PEOPLE) -> dict[str, Synced]:
    """Both syncs, each into a directory of its own that is empty but for a few. Raises Unmeasurable."""
    return {name: _sync(cluster, plan, people, pattern) for name, pattern in PATTERNS.items()}


def table(found: dict[str, Synced], people: int = PEOPLE) -> Table:
    """The table."""
    headings = ("sync", "seconds", "people per second", "CPU us", "DB CPU us", "sealed after s", "PSS MB", GOAL)
    rows = []
    for name, synced in found.items():
        values = (synced.seconds, people / synced.seconds, synced.server_cpu, synced.database_cpu)
        last = (synced.behind, synced.memory)
        rows.append(
            [f"{name}: match, then create", *map(number, values), *map(number, last), _verdict(name, synced, people)]
        )
    return Table("sync", f"First sync of {people:,} people, one by one, PostgreSQL", headings, rows)


def _verdict(name: str, synced: Synced, people: int) -> str:
    if name != "Entra":
        return ""
    limit = MOST_SECONDS * people / PEOPLE
    return f"under {limit:g} s: {'reached' if synced.seconds < limit else 'NOT REACHED'}"


def _sync(cluster: Cluster, plan: Plan, people: int, pattern: Callable[[int, Path], Iterator[Request]]) -> Synced:
    with scratch() as folder:
        directory = load(cluster.database(), BEGUN_WITH, crowd=BEGUN_WITH // 2, groups=1)
        numbers = range(BEGUN_WITH, BEGUN_WITH + people)
        requests = (each for number in numbers for each in pattern(number, lambda path: f"{directory.base}{path}"))
        with scim_server(directory.url, folder, plan.workers) as server:
            target, costs = target_of(server, directory), Costs(server.pid, cluster.pid)
            before = costs.read()
            answered = drive(target, requests, folder / "requests", once=True, connections=plan.connections)
            behind = caught_up(directory.url, plan.flush)
            figure = figure_of(answered, before, costs.read(), behind)
            _check(target, directory, BEGUN_WITH + people)
            memory = measures.memory_megabytes(server.pid)
        databases.drop(directory.url)
    return Synced(answered.seconds, figure.rate, figure.server_cpu, figure.database_cpu, behind, memory)


def _check(target: Target, directory: Directory, expected: int) -> None:
    address = f"http://{target.host}{directory.base}/Users?count=0"
    with urllib.request.urlopen(urllib.request.Request(address, headers=target.headers)) as answer:
        found = json.load(answer)["totalResults"]
    if found != expected:
        raise Unmeasurable(f"{found} people are there after the sync, not {expected}.")
