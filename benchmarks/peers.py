"""The same load against other SCIM servers of PyPI: `python -m benchmarks.peers [--people N] [--quick] [--write]`.

They are installed into an environment of its own, served by the same granian with as many threads, filled by requests
of theirs, and measured beside our server at a directory of the same size. What they keep, and how safely, differs:
KEEPS says it. What they refuse is said as well.
"""

import argparse
import json
import subprocess
import sys
import urllib.error
import urllib.request
import venv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from sqlalchemy import make_url

from benchmarks import directories, machines, pages
from benchmarks.clusters import Cluster, cluster, end_in_order, scratch
from benchmarks.drivers import Request, Target, Unmeasurable, warn_without_wrk
from benchmarks.figures import Figure
from benchmarks.loads import Person
from benchmarks.operations import OPERATIONS, Operation, Site
from benchmarks.people import person, user_name
from benchmarks.rounds import Bench, Costs, Plan
from benchmarks.servers import WORKERS, free_port, granian, running
from benchmarks.tables import Table, number
from tests.worlds import GROUP

PEOPLE = 1_000
SHARE = 2
"""The large group has one in so many people."""
PACKAGES = ("scim2-server", "scim2-flask", "django-scim2", "granian", "psycopg[binary]")
APPS = Path(__file__).with_name("peer_apps")
OUTCOME = "what came of it"


@dataclass(frozen=True, slots=True)
class Peer:
    """Another server: how many processes serve it, where its addresses begin, and what it does with what it is told."""

    name: str
    app: str
    base: str
    workers: int
    keeps: str
    on_postgresql: bool = False


PEERS = (
    Peer("scim2-server", "scim2_server_app:app", "/v2", 1, "in the memory of one process"),
    Peer("scim2-flask", "scim2_flask_app:app", "/v2", 1, "in the memory of one process, by scim2-server"),
    Peer("django-scim2", "django_scim2_app:app", "/scim/v2", WORKERS, "in PostgreSQL", on_postgresql=True),
)


@dataclass(slots=True)
class Measured:
    """What a peer did: figures by operation, and of the others why there is none."""

    figures: dict[str, Figure] = field(default_factory=dict)
    refusals: dict[str, str] = field(default_factory=dict)


def measure(
    postgresql: Cluster, operations: Sequence[Operation], plan: Plan, people: int
) -> tuple[dict[str, Measured], dict[str, str]]:
    """Each peer's figures, and the versions that ran."""
    with scratch() as folder:
        python = _environment(folder / "venv")
        found = {peer.name: _measured(peer, python, postgresql, operations, plan, people, folder) for peer in PEERS}
        return found, _versions(python)


def tables(ours: directories.Measured, theirs: Mapping[str, Measured], versions: Mapping[str, str]) -> Table:
    """The table: answers a second, ours and theirs."""
    headings = ("operation", "scim-server", *theirs, OUTCOME)
    rows = []
    for name, operation in OPERATIONS.items():
        if name not in ours.figures:
            continue
        rates = [number(each.figures[name].rate) if name in each.figures else "-" for each in theirs.values()]
        refused = [f"{peer}: {each.refusals[name]}" for peer, each in theirs.items() if name in each.refusals]
        rows.append([operation.title, number(ours.figures[name].rate), *rates, "; ".join(refused)])
    kept = "; ".join(f"{peer.name} {versions.get(peer.name, '?')} {peer.keeps}" for peer in PEERS)
    notes = [f"Where it is kept: scim-server in PostgreSQL, with seats, log, audit trail and outbox; {kept}."]
    title = f"Peers: answers per second, {ours.people:,} people, one group of {ours.members:,}"
    return Table("peers", title, headings, rows, notes)


def main() -> int:
    """Measure, print and write; answers the exit code."""
    options = _options()
    plan = Plan(rounds=1, connections=4, most=20) if options.quick else Plan(options.rounds, options.seconds)
    operations = [each for each in OPERATIONS.values() if each.name != "page"]  # none of them has cursors
    try:
        warn_without_wrk()
        source = {"date": machines.today(), **machines.machine(), **machines.versions()}
        with cluster() as postgresql:
            source["PostgreSQL"] = postgresql.version()
            crowd = options.people // SHARE
            ours = directories.measure(postgresql, operations, plan, options.people, crowd, groups=1, limits=False)
            table = tables(ours, *measure(postgresql, operations, plan, options.people))
    except (Unmeasurable, subprocess.CalledProcessError) as error:
        print(error, file=sys.stderr)
        return 1
    print(table.text())
    if options.write:
        pages.write([table], source)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("--people", type=int, default=PEOPLE, help="how many people there are")
    parser.add_argument("--rounds", type=int, default=5, help="rounds, of which the median counts")
    parser.add_argument("--seconds", type=int, default=5, help="seconds of each operation in a round")
    parser.add_argument("--quick", action="store_true", help="a few requests each, to see that it works")
    parser.add_argument("--write", action="store_true", help="put the table into benchmarks/README.md as well")
    return parser.parse_args()


def _environment(folder: Path) -> str:
    """A Python that has the peers."""
    venv.create(folder, with_pip=True)
    python = str(folder / "bin" / "python")
    subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES],
        check=True,
        stderr=subprocess.PIPE,
    )
    return python


def _versions(python: str) -> dict[str, str]:
    listed = subprocess.run(
        [python, "-m", "pip", "list", "--format", "json", "--disable-pip-version-check"],
        capture_output=True,
        check=True,
    ).stdout
    return {each["name"]: each["version"] for each in json.loads(listed)}


def _measured(
    peer: Peer,
    python: str,
    postgresql: Cluster,
    operations: Sequence[Operation],
    plan: Plan,
    people: int,
    folder: Path,
) -> Measured:
    """One peer's figures; an operation that it refuses is told, and the others go on."""
    found = Measured()
    try:
        with _served(peer, python, postgresql, folder) as (target, pid):
            site = _filled(peer, target, people)
            costs = Costs(pid, postgresql.pid if peer.on_postgresql else None)
            bench = Bench(site, target, costs, folder, lambda: 0.0)
            for operation in operations:
                try:
                    found.figures |= bench.measured([operation], plan)
                except Unmeasurable as error:
                    found.refusals[operation.name] = str(error)
    except (Unmeasurable, urllib.error.URLError, subprocess.CalledProcessError) as error:
        return Measured(refusals={operation.name: str(error) for operation in operations})
    return found


@contextmanager
def _served(peer: Peer, python: str, postgresql: Cluster, folder: Path) -> Iterator[tuple[Target, int]]:
    environment = {"PYTHONPATH": str(APPS)}
    if peer.on_postgresql:
        environment |= _django(postgresql)
        migrating = {**environment, "DJANGO_BENCH_MIGRATE": "1"}
        subprocess.run([python, "-c", "import django_scim2_app"], env=migrating, check=True, stderr=subprocess.PIPE)
    port = free_port()
    with running(
        granian(peer.app, port, peer.workers, python), port, folder / f"{peer.name}.log", environment
    ) as server:
        yield Target(server.host, Request("GET", f"{peer.base}/ServiceProviderConfig")), server.pid


def _django(postgresql: Cluster) -> dict[str, str]:
    """Where django-scim2 finds a database of its own, empty but for our tables, which have other names."""
    url = make_url(postgresql.database())
    host = str(url.query.get("host") or url.host)
    return {"DJANGO_BENCH_HOST": host, "DJANGO_BENCH_NAME": str(url.database), "DJANGO_BENCH_USER": str(url.username)}


def _filled(peer: Peer, target: Target, people: int) -> Site:
    """The site, with people and one group of every SHAREth."""
    there = [Person(_post(target, f"{peer.base}/Users", person(each)), user_name(each)) for each in range(people)]
    members = people // SHARE
    document = {
        "schemas": [GROUP],
        "displayName": "Crowd",
        "members": [{"value": each.id} for each in there[:members]],
    }
    crowd = _post(target, f"{peer.base}/Groups", document)
    return Site(peer.base, there, crowd, members, count(people))


def _post(target: Target, path: str, document: object) -> str:
    """Create a resource; answers its id."""
    request = urllib.request.Request(
        f"http://{target.host}{path}",
        data=json.dumps(document).encode(),
        headers={"Content-Type": "application/scim+json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return str(json.load(answer)["id"])


if __name__ == "__main__":
    end_in_order()
    sys.exit(main())
